"""Education-quality monitoring of a region: the domain, frames in and frames out."""
