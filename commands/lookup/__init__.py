"""The look-up: a web service over the marts, with pages for people and JSON for programs."""
