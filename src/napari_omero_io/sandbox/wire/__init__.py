"""What Ice sees: the router, servants, identities, exceptions.

The only part of the sandbox that knows how calls are dispatched.
"""
