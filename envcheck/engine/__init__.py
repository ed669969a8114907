"""Rules: loading, compiling and judging; pure."""
