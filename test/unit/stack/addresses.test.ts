import { expect, test } from 'vitest'
import { localAddresses } from '../../../stack/checks/tiers.ts'

// As the kernel has it of a container on two networks: each address twice, in two tables.
const fib = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
           |-- 127.0.0.1
              /32 host LOCAL
     +-- 172.19.0.0/16 2 0 2
        |-- 172.19.0.0
           /16 link UNICAST
        |-- 172.19.0.3
           /32 host LOCAL
        |-- 172.19.255.255
           /32 link BROADCAST
     |-- 172.20.0.2
        /32 host LOCAL
Local:
     |-- 172.19.0.3
        /32 host LOCAL
`

test('a container’s own addresses, loopback left out', () => {
  expect(localAddresses(fib)).toEqual(['172.19.0.3', '172.20.0.2'])
})
