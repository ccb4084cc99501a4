"""What a drawing is to be: what a network or a model of V4 likes, a photograph's features, its pixels."""
