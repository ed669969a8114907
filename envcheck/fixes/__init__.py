"""From what a rule proposes to commands for this environment, tried on the facts before they are offered."""
