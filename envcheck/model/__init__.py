"""The plain frozen data that crosses a stage."""
