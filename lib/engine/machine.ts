/** How many processors the kernel's list names: "0-3,6" are five; 0 for no list. */
export function cpusIn(list: string): number {
  return list
    .split(',')
    .map((part) => /^(\d+)(?:-(\d+))?$/.exec(part.trim()))
    .reduce(
      (sum, found) => sum + (found === null ? 0 : Number(found[2] ?? found[1]) - Number(found[1]) + 1),
      0,
    )
}

/** What the firmware of virtual machines says of itself, and systemd's word for it. */
const vendors: readonly (readonly [RegExp, string])[] = [
  [/^Amazon EC2\b/, 'amazon'],
  [/\bGoogle Compute Engine\b/, 'google'],
  [/\bVMware\b/, 'vmware'],
  [/\bVirtualBox\b/, 'oracle'],
  [/^Microsoft Corporation Virtual Machine/, 'microsoft'],
  [/^Xen\b|\bHVM domU\b/, 'xen'],
  [/^(QEMU|Hetzner|DigitalOcean|OpenStack|Red Hat|Scaleway|Alibaba Cloud)\b|\b(KVM|OpenStack)\b/, 'kvm'],
  [/^Apple Virtualization/, 'apple'],
]

/**
 * In what a host runs, from the files that tell of it: systemd's note about its container, and the machine's vendor
 * and product by DMI. "none" where none of them tells: bare metal, or what is not known here.
 */
export function virtualizationOf(told: { container: string; vendor: string; product: string }): string {
  if (told.container !== '') return told.container
  const machine = `${told.vendor} ${told.product}`.trim()
  return vendors.find(([shape]) => shape.test(machine))?.[1] ?? 'none'
}
