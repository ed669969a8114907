"""JUnit XML of several test runners, and what is none."""

from __future__ import annotations

import pytest

from envcheck.errors import DocumentError
from envcheck.junit import read, together
from envcheck.model.policy import UnitTests

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.041">
<testcase classname="tests.test_model" name="test_loads" time="0.001" />
<testcase classname="tests.test_model" name="test_adds[1-2]" time="0.001"><failure message="assert 3 == 2">def test
</failure></testcase>
<testcase classname="tests.test_gpu" name="test_cuda"><skipped message="no GPU">x</skipped></testcase>
<testcase classname="" name="tests.test_broken"><error message="collection failure">ImportError</error></testcase>
</testsuite></testsuites>"""
SUREFIRE = b"""<testsuite name="com.example.AppTest" tests="3" errors="0" failures="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="works" classname="com.example.AppTest"/>
  <testcase name="flaky" classname="com.example.AppTest"><flakyFailure message="once"/></testcase>
  <testcase name="fails" classname="com.example.AppTest"><failure/><error/><system-out>failure</system-out></testcase>
</testsuite>"""


def test_tests_are_counted_and_skipped_ones_did_not_run():
    assert read(PYTEST, "r.xml") == UnitTests(ran=3, failed=("tests.test_model.test_adds[1-2]", "tests.test_broken"))


def test_a_test_that_passed_in_the_end_has_not_failed():
    assert read(SUREFIRE, "r.xml") == UnitTests(ran=3, failed=("com.example.AppTest.fails",))


@pytest.mark.parametrize(
    ("document", "ran", "failed"),
    [
        (b"<testsuites/>", 0, ()),
        (b"<testsuite><testcase/></testsuite>", 1, ()),
        (b"<testsuite><testcase><failure/></testcase></testsuite>", 1, ("a test without a name",)),
        (b"<testsuite name='db'><error>no server</error></testsuite>", 1, ("db",)),
        (
            b"<testsuites><testsuite><testcase name='t'><error/></testcase></testsuite></testsuites>",
            1,
            ("t",),
        ),
        (b"<testsuite name='db' tests='4' failures='1' errors='1' skipped='1'/>", 3, ("db", "db")),
        (b"<testsuites tests='2'><testsuite tests='2' failures='0'/></testsuites>", 2, ()),
        (b"<testsuites tests='3'><testsuite tests='3' skipped='3'/></testsuites>", 0, ()),
        (b"<testsuite name='a'><testsuite name='b'><testcase/></testsuite><error/></testsuite>", 2, ("a",)),
        (b"<testsuites tests='9' failures='9'><testsuite failures='9'><testcase/></testsuite></testsuites>", 1, ()),
        (b"<testsuite tests='many' failures='-1' errors='99999999999'/>", 0, ()),
        (b"<testsuite errors='1' name='db'><error/></testsuite>", 1, ("db",)),
        (b"\xef\xbb\xbf\r\n<testsuite><testcase/>\r\n</testsuite>", 1, ()),
        ('<?xml version="1.0" encoding="utf-16"?><testsuite><testcase/></testsuite>'.encode("utf-16"), 1, ()),
        (b"<testsuite><testcase name='\xc3\xa9'><failure/></testcase></testsuite>", 1, ("é",)),
    ],
)
def test_other_shapes_of_the_format_are_read(document, ran, failed):
    assert read(document, "r.xml") == UnitTests(ran=ran, failed=failed)


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<testsuite name="&lol1;"/>"""
OUTSIDE = b"""<!DOCTYPE testsuite SYSTEM "file:///etc/passwd"><testsuite/>"""


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (BOMB, "r.xml:2: it has a DOCTYPE"),
        (OUTSIDE, "r.xml:1: it has a DOCTYPE"),
        (
            BOMB.decode().replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16"),
            "it has a DOCTYPE",
        ),
        (b"<testsuite name='&lol;'/>", "undefined entity"),
        (b"<html><body/></html>", "r.xml:1: no test results: it begins with <html>"),
        (b"<testsuite>\n<testcase>\n", "r.xml:3: not XML: no element found"),
        (b"", "not XML: no element found"),
        (b"<", "not XML"),
        (b"\x00\x01\x02", "not XML"),
        (b"<testsuite>\xff</testsuite>", "not XML: not well-formed"),
        (b"<?xml version='1.0' encoding='no-such'?><testsuite/>", "not XML"),
    ],
)
def test_what_is_no_result_of_tests_is_refused_with_its_line(document, said):
    with pytest.raises(DocumentError) as error:
        read(document, "r.xml")
    assert said in str(error.value)


def test_depth_is_no_matter():
    deep = 20_000
    document = b"<testsuite>" + b"<p>" * deep + b"</p>" * deep + b"<testcase/></testsuite>"
    assert read(document, "r.xml").ran == 1


def test_several_files_count_together():
    assert together([read(PYTEST, "a"), read(SUREFIRE, "b")]).ran == 6
    assert together([]) == UnitTests(ran=0, failed=())
