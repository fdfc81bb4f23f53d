"""The graph in triple stores of others: put there, kept in step, read back and asked, over HTTP."""
