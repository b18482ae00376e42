"""Events: ntuple columns, sample manifests, readers and schemas."""
