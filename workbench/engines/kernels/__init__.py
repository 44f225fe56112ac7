"""The innermost loops of simulation, each in two forms that give the same bits."""
