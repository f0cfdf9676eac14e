"""Calls: of functions with a rule or with source, of builtins, methods and classes."""
