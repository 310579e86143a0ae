// What an app is belongs to deploys as much as to this role, and lib/ never imports roles/: it is declared there.
export { type App, type AppVars, appVars } from '../../lib/deploy/app.ts'
