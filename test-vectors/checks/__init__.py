"""One module an area of SPEC.md."""
