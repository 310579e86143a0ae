// Node 22.18 and later strip types themselves; only an older one needs tsx.
if (!process.features.typescript) (await import('tsx/esm/api')).register()
