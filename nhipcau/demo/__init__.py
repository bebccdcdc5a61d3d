"""The demonstration: a sample commune whose collaborators are simulated, on the same code as everything else."""
