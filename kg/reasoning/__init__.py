"""What follows from the notes and the ontologies: OWL 2 RL, materialized in a named graph of its own."""
