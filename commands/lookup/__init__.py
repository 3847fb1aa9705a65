"""The look-up: one web service that answers from the marts, pages for people and JSON for programs."""
