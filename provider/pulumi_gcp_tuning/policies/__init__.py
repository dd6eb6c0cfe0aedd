"""The rules of the policy pack, as functions of what a program declares. Nothing here imports Pulumi or asks Google."""
