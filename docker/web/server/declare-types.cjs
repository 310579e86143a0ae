// Writes next-env.d.ts as this very Next would: its development server writes it anew where a letter differs, and the
// directory that it stands in is nobody's to write to.

const path = require('node:path')
const { writeAppTypeDeclarations } = require('next/dist/lib/typescript/writeAppTypeDeclarations')

writeAppTypeDeclarations({
  baseDir: path.join(__dirname, '..'),
  imageImportsEnabled: true,
  hasPagesDir: false,
  hasAppDir: true,
})
