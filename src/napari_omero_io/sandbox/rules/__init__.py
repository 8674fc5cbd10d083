"""Who may do what: callers, memberships, permissions, events, the graph's rules."""
