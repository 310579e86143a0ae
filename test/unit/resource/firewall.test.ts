import { describe, expect, test } from 'vitest'
import { checkedRules, replacing, tableText } from '../../../lib/resource/firewall-ruleset.ts'
import { unitText } from '../../../lib/resource/firewall-script.ts'
import { absentFirewall, type FirewallOptions, firewall } from '../../../lib/resource/index.ts'
import { applied, table } from './observe.ts'

const rendered = (options: FirewallOptions) => tableText(checkedRules(options))

test('rules become a table of our own', () => {
  expect(
    rendered({
      allow: [
        { tcp: [22], from: ['@office', '10.0.0.0/8', '10.1.0.0/16', '2001:db8::1'], comment: 'ssh' },
        { tcp: [443, 80, '8000-8010', 8011], udp: [443] },
        { udp: [51820], from: ['0.0.0.0/0'] },
      ],
      deny: [{ tcp: ['1-65535'], from: ['198.51.100.7'] }],
      sets: { office: ['203.0.113.0/24', '2001:db8:1::/48', '203.0.113.9'], nobody: [] },
    }),
  ).toBe(`table inet quayside {
	set office4 {
		type ipv4_addr
		flags interval
		elements = { 203.0.113.0/24 }
	}

	set office6 {
		type ipv6_addr
		flags interval
		elements = { 2001:db8:1::/48 }
	}

	set nobody4 {
		type ipv4_addr
		flags interval
	}

	set nobody6 {
		type ipv6_addr
		flags interval
	}

	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		ct state invalid drop
		iif "lo" accept
		meta l4proto { icmp, ipv6-icmp } accept
		ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept comment "DHCPv6"
		ip saddr 198.51.100.7 tcp dport 1-65535 drop
		ip saddr 10.0.0.0/8 tcp dport 22 accept comment "ssh"
		ip6 saddr 2001:db8::1 tcp dport 22 accept comment "ssh"
		ip saddr @office4 tcp dport 22 accept comment "ssh"
		ip6 saddr @office6 tcp dport 22 accept comment "ssh"
		tcp dport { 80, 443, 8000-8011 } accept
		udp dport 443 accept
		meta nfproto ipv4 udp dport 51820 accept
	}
}
`)
})

test('what is published by containers is let in by the port that was asked for, and nothing else that DNAT sends', () => {
  const text = rendered({ policy: 'accept', published: [{ tcp: [8080, 8443], from: ['10.0.0.0/8'] }] })
  expect(text).toContain('policy accept;\n\t\tct state established,related accept\n\t\tct state invalid drop')
  expect(text).toContain(`	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		ct status dnat jump published
	}

	chain published {
		ip saddr 10.0.0.0/8 meta l4proto tcp ct original proto-dst 8080 accept
		ip saddr 10.0.0.0/8 meta l4proto tcp ct original proto-dst 8443 accept
		drop
	}
}
`)
  expect(rendered({ allow: [] })).not.toContain('forward')
  expect(rendered({ published: [] })).toContain('chain published {\n\t\tdrop\n\t}')
})

test('what goes by IP without ports is let in by its number', () => {
  const text = rendered({
    allow: [{ protocols: ['vrrp', 'esp'], from: ['10.0.0.0/8'] }, { protocols: ['esp'] }],
  })
  expect(text).toContain(
    '\t\tip saddr 10.0.0.0/8 meta l4proto { 50, 112 } accept\n\t\tmeta l4proto 50 accept\n',
  )
})

describe('what no firewall could have is refused before anything is touched', () => {
  test.each<[string, FirewallOptions]>([
    ['allow[0]: port must be a whole number from 1 to 65535: 70000', { allow: [{ tcp: [70_000] }] }],
    ['allow[1]: port must be a whole number', { allow: [{ tcp: [1] }, { udp: [0] }] }],
    ['a port is a number or a range like "8000-8010": "http"', { allow: [{ tcp: ['http'] }] }],
    ['a range of ports goes upwards: "90-80"', { allow: [{ tcp: ['90-80'] }] }],
    ['allow[0]: a list of ports is empty', { allow: [{ tcp: [] }] }],
    [
      'allow[0]: a protocol is one of gre, esp, ah, vrrp: "icmp"',
      { allow: [{ protocols: ['icmp' as 'esp'] }] },
    ],
    ['containers publish ports, and protocols have none', { published: [{ protocols: ['esp'] }] }],
    ['deny[0] names no port', { deny: [{ from: ['10.0.0.1'] }] }],
    ['allow[0]: from must be an IP address or a network', { allow: [{ tcp: [1], from: ['10.0.0/8'] }] }],
    ['published[0]: from has bits beyond its prefix', { published: [{ tcp: [1], from: ['10.0.0.1/8'] }] }],
    ['allow[0]: from is empty: leave it out for anyone', { allow: [{ tcp: [1], from: [] }] }],
    ['there is no set "ofice"', { allow: [{ tcp: [1], from: ['@ofice'] }], sets: { office: [] } }],
    ['set office is everyone', { sets: { office: ['::/0'] } }],
    ['name of a set must match', { sets: { 'a b': [] } }],
    ['comment must match', { allow: [{ tcp: [1], comment: 'a "b"' }] }],
    ['comment must be one line', { allow: [{ tcp: [1], comment: 'a\n}' }] }],
    ['rollbackSeconds must be a whole number from 5', { rollbackSeconds: 0 }],
    ['policy must be drop or accept', { policy: 'reject' as 'drop' }],
    ['lockOut must be refuse or allow', { lockOut: 'yes' as 'allow' }],
  ])('%s', (message, options) => {
    expect(() => firewall(options)).toThrow(TypeError)
    expect(() => firewall(options)).toThrow(message)
  })
})

const options: FirewallOptions = { allow: [{ tcp: [22], from: ['10.0.0.0/8'] }], rollbackSeconds: 20 }
const wish = firewall(options)
const encoded = (name: string, text: string) => `${name}=${Buffer.from(text).toString('base64')}\n`
const conf = encoded('conf', replacing(rendered(options)))
const unit = encoded('unit', unitText)
const standing = 'standing=81a4 root root 0 0\n'
const service = 'LoadState=loaded\nUnitFileState=enabled\nActiveState=active\n'
const good = `${standing}${conf}${unit}${service}`
const wanted = encoded('wanted', 'table inet quayside {\n\tnew\n}\n')
const live = encoded('live', 'table inet quayside {\n\told\n}\n')
const fresh = `standing=absent\nLoadState=not-found\nUnitFileState=\nActiveState=inactive\n${wanted}`

describe('what is on disk and what is loaded become a plan', () => {
  table([
    { when: 'all as wanted', resource: wish, stdout: good, plan: 'unchanged' },
    {
      when: 'nothing',
      resource: wish,
      stdout: fresh,
      plan: 'change: load table inet quayside (what is not allowed: drop), write /etc/quayside/firewall.nft, write quayside-firewall.service, load it at boot, start quayside-firewall.service',
      diff: '+table inet quayside {\n+\tnew\n+}',
    },
    {
      when: 'rules changed by hand',
      resource: wish,
      stdout: `${good}${live}${wanted}`,
      plan: 'change: load anew: the loaded rules are others than those on disk',
      diff: '@@ -1,3 +1,3 @@\n table inet quayside {\n-\told\n+\tnew\n }',
    },
    {
      when: 'a table taken away',
      resource: wish,
      stdout: `${good}${wanted}`,
      plan: 'change: load table inet quayside (what is not allowed: drop)',
    },
    {
      when: 'other rules before',
      resource: wish,
      stdout: `${standing}${encoded('conf', 'older\n')}${unit}${service}${live}${wanted}`,
      plan: 'change: rules changed, write /etc/quayside/firewall.nft',
    },
    {
      when: 'a file that others write, and a unit that is off',
      resource: wish,
      stdout: `standing=81b6 root root 0 0\n${conf}${unit}LoadState=loaded\nUnitFileState=disabled\nActiveState=inactive\n`,
      plan: 'change: /etc/quayside/firewall.nft: mode 0666 → 0644, load it at boot, start quayside-firewall.service',
    },
    {
      when: 'rules that an earlier run loaded and did not confirm',
      resource: wish,
      stdout: `${good}pending=yes\n`,
      plan: 'change: confirm what an earlier run left unconfirmed',
    },
    {
      when: 'no nft',
      resource: wish,
      stderr: "nft is not there: packages(['nftables'])\n",
      code: 3,
      plan: "unknown: nft is not there: packages(['nftables'])",
    },
    {
      when: 'nothing to take away',
      resource: absentFirewall(),
      stdout: '',
      plan: 'unchanged',
    },
    {
      when: 'a table and a file to take away',
      resource: absentFirewall(),
      stdout: 'there=/etc/quayside/firewall.nft\nthere=table inet quayside\n',
      plan: 'change: remove /etc/quayside/firewall.nft, table inet quayside',
    },
  ])
})

test('the old rules are kept and their return is timed before the new ones are loaded; a new connection keeps these', () => {
  const plan = wish.plan({ stdout: fresh, stderr: '', code: 0 })
  const order = ['nft -c -f next.nft', 'previous.nft', '--on-active=20', '>pending', 'nft -f next.nft'].map(
    (step) => applied(plan).lastIndexOf(step),
  )
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(order[0]).toBeGreaterThan(0)
  // Nothing on disk is written yet; at most the old file is read.
  expect(applied(plan).replace('cp /etc/quayside/firewall.nft previous.new', '')).not.toContain('/etc/')
  expect(plan.kind === 'change' && String(plan.confirm?.script)).toContain('systemctl -q enable')
})

test('a masked unit is for a person to decide', () => {
  expect(() => wish.plan({ stdout: `${fresh}LoadState=masked\n`, stderr: '', code: 0 })).toThrow('is masked')
})

describe('a run does not lock itself out', () => {
  const planned = (rules: FirewallOptions, ssh: string) =>
    firewall(rules).plan({ stdout: `${fresh}ssh=${ssh}\n`, stderr: '', code: 0 }).kind

  test.each<[string, FirewallOptions, string]>([
    ['a network that is allowed', options, '10.9.8.7 50000 10.0.0.5 22'],
    ['anyone', { allow: [{ tcp: ['20-30'] }] }, '203.0.113.7 50000 10.0.0.5 22'],
    ['IPv6', { allow: [{ tcp: [22], from: ['2001:db8::/32'] }] }, '2001:db8::9 50000 2001:db8::5 22'],
    [
      'a set',
      { allow: [{ tcp: [22], from: ['@a'] }], sets: { a: ['203.0.113.7'] } },
      '203.0.113.7 1 10.0.0.5 22',
    ],
    ['policy accept', { policy: 'accept' }, '203.0.113.7 50000 10.0.0.5 22'],
    ['the host itself', { allow: [] }, '10.0.0.5 50000 10.0.0.5 22'],
    ['loopback', { allow: [] }, '127.0.0.1 50000 127.0.0.1 22'],
    ['no address', { allow: [] }, 'UNKNOWN 65535 UNKNOWN 65535'],
    ['another way in', { allow: [], lockOut: 'allow' }, '203.0.113.7 50000 10.0.0.5 22'],
  ])('%s: planned', (_, rules, ssh) => {
    expect(planned(rules, ssh)).toBe('change')
  })

  test.each<[string, FirewallOptions, string]>([
    ['another network', options, '203.0.113.7 50000 10.0.0.5 22'],
    ['another port', options, '10.9.8.7 50000 10.0.0.5 2222'],
    ['UDP alone', { allow: [{ udp: [22] }] }, '10.9.8.7 50000 10.0.0.5 22'],
    ['no rule', { allow: [] }, '10.9.8.7 50000 10.0.0.5 22'],
    ['link-local', { allow: [{ tcp: [22], from: ['2001:db8::/32'] }] }, 'fe80::9%eth0 50000 fe80::5%eth0 22'],
    ['denied', { ...options, deny: [{ tcp: [22], from: ['10.9.0.0/16'] }] }, '10.9.8.7 50000 10.0.0.5 22'],
    [
      'denied, policy accept',
      { policy: 'accept', deny: [{ tcp: ['1-1024'] }] },
      '10.9.8.7 50000 10.0.0.5 22',
    ],
  ])('%s: refused', (_, rules, ssh) => {
    expect(() => planned(rules, ssh)).toThrow(/^(?:no rule allows|these rules deny) \S+, from where this run/)
  })

  test('and is told the rule that is missing', () => {
    const refusal = () => planned(options, '203.0.113.7 50000 10.0.0.5 2222')
    expect(refusal).toThrow(
      expect.objectContaining({
        message:
          'no rule allows 203.0.113.7, from where this run reaches port 2222 of the host: you would be locked out',
        hint: "add to allow: { tcp: [2222], from: ['203.0.113.7'] }; or say lockOut: 'allow', if you have another way in",
      }),
    )
  })

  test('where nothing changes, nothing is refused', () => {
    const plan = firewall(options).plan({
      stdout: `${good}ssh=203.0.113.7 1 10.0.0.5 22\n`,
      stderr: '',
      code: 0,
    })
    expect(plan.kind).toBe('unchanged')
  })
})
