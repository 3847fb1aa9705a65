"""Import published and own label lists into the LABEL_DATA layout."""
