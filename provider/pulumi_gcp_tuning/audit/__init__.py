"""What a stack has at Google: what the state knows, what it does not know, what is kept and why."""
