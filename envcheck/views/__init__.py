"""A case as a stream of subjects, one module a scope of rules."""
