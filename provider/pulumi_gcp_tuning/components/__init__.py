"""Components: several resources of pulumi_gcp or of this package behind one declaration, written by hand."""
