"""The coordinators' console in the browser: pages over the queries and actions of the chat; it decides nothing."""
