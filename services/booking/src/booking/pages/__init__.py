"""Pages for people without a frontend: the run sheet on paper, the crew's day on a phone."""
