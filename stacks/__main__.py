"""The same program for every stack: one stack trains the model, the others serve the model that their file names."""

import pulumi
from serving import serve
from training import train

config = pulumi.Config()
outputs = train(config) if config.require_bool("trains") else serve(config)
for name, value in outputs.items():
    pulumi.export(name, value)
