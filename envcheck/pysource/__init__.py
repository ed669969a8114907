"""Reads Python source without running it: what a module offers, and what its code wants when it is imported."""
