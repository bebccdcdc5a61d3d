"""Early signals: what grew beyond chance, among counts of reports by topic and place. Pure; loads numpy and scipy."""
