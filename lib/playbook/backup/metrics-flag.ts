import type { Flags } from '../flags.ts'

/** For playbooks that measure: see metrics.ts. */
export const metricsFlag = {
  metrics: {
    about: "write figures for node_exporter's textfile collector; into $QUAYSIDE_METRICS_DIR unless told",
    value: 'FILE',
  },
} as const satisfies Flags
