"""Components: several resources behind one declaration, written by hand."""
