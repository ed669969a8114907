"""Reads compiled files: bytes in, plain records out."""
