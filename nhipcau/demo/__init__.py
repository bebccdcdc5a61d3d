"""The demonstration: a sample commune whose collaborators are simulated."""
