"""The office's files: provinces and communes, unit lists and rosters in, exports out."""
