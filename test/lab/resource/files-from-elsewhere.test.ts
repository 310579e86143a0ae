import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connection } from '../../../lib/connection/connection.ts'
import { openConnection } from '../../../lib/connection/open.ts'
import {
  absentAptKey,
  absentAptRepository,
  absentArchive,
  absentDirectory,
  aptKey,
  aptKeyring,
  aptRepository,
  archive,
  Conflict,
  gitCheckout,
  packages,
} from '../../../lib/resource/index.ts'
import { type Script, sh } from '../../../lib/script/index.ts'
import { converge, look } from '../converge.ts'
import { labTarget } from '../lab-host.ts'
import { type Life, live as liveOn, run as runOn } from '../resource-life.ts'

const here = '/srv/quayside-fetch'
/** What Debian's smallest installation lacks; it stays on the host, since to remove it takes longer than all tests. */
const needed = packages(['git', 'gpg', 'gpg-agent', 'unzip', 'xz-utils', 'zstd'])

let host: Connection

const run = (script: Script) => runOn(host, script)
const live = (life: Life) => liveOn(host, life)
const sha256 = async (path: string) => (await run(sh`sha256sum <${path}`)).split(' ')[0] ?? ''

const sweep = sh`rm -rf ${here} /etc/apt/sources.list.d/quayside-test.sources ${aptKeyring('quayside-test')} /var/lib/apt/lists/*quayside-fetch*
`

beforeAll(async () => {
  host = await openConnection(labTarget('edge-2'))
  await host.run(sweep)
  if ((await look(host, needed)).kind === 'change') await converge(host, needed)
  await run(sh`mkdir -p ${here}`)
})

afterAll(async () => {
  await host.run(sweep)
  await host.close()
})

describe('an apt repository', () => {
  const repo = `${here}/apt`
  const source = { uris: `file:${repo}`, suites: './' }

  /** A package of nothing, and a flat repository that holds it, signed by a key made here. */
  const publish = (version: string, signer: string) =>
    run(sh`set -e
cd ${here}
export GNUPGHOME=${here}/gnupg
rm -rf package apt; mkdir -p package/DEBIAN apt
printf 'Package: quayside-nothing\\nVersion: %s\\nArchitecture: all\\nMaintainer: none <none@quayside.test>\\nDescription: nothing\\n' ${version} >package/DEBIAN/control
dpkg-deb -b package apt/nothing.deb >/dev/null
cd apt
{ dpkg-deb -f nothing.deb; printf 'Filename: ./nothing.deb\\nSize: %s\\nSHA256: %s\\n' "$(stat -c %s nothing.deb)" "$(sha256sum <nothing.deb | cut -d' ' -f1)"; } >Packages
{ printf 'Date: %s\\nSHA256:\\n' "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')"; printf ' %s %s Packages\\n' "$(sha256sum <Packages | cut -d' ' -f1)" "$(stat -c %s Packages)"; } >Release
gpg -q --batch --yes -u ${signer} --clearsign -o InRelease Release`)
  const key = (name: string) => run(sh`GNUPGHOME=${here}/gnupg gpg -q --batch --armor --export ${name}`)

  test('is fetched before it is there, mended, changed and removed; a wrong key is refused', async () => {
    await run(sh`set -e
umask 077; mkdir ${here}/gnupg; export GNUPGHOME=${here}/gnupg
for name in one two; do gpg -q --batch --passphrase '' --quick-generate-key "$name@quayside.test" ed25519 sign never 2>/dev/null; done`)
    const [one, two] = [await key('one'), await key('two')]
    await publish('1.0', 'one')

    // A wrong key, and a place where nothing is: refused, and no trace.
    await expect(
      converge(host, aptRepository('quayside-test', { ...source, signedBy: two })),
    ).rejects.toThrow(/left as it was:[\s\S]*(?:NO_PUBKEY|Missing key|not signed)/)
    const nowhere = aptRepository('quayside-test', { uris: `file:${here}/none`, suites: './', signedBy: one })
    await expect(converge(host, nowhere)).rejects.toThrow(
      /left as it was:[\s\S]*does not have a Release file/,
    )
    expect(await run(sh`ls -A /etc/apt/sources.list.d`)).not.toContain('quayside')

    const wish = aptRepository('quayside-test', { ...source, signedBy: one })
    const gone = absentAptRepository('quayside-test')
    await live({ wish, drift: sh`sed -i s/^Types:.*/Types:/ /etc/apt/sources.list.d/quayside-test.sources` })
    expect(await run(sh`apt-cache policy quayside-nothing`)).toContain('Candidate: 1.0')

    // The repository is signed anew by another key: the old one stays until the new one fits.
    const trusted = aptKey('quayside-test', { armored: two })
    await live({ wish: trusted, drift: sh`echo x >>${aptKeyring('quayside-test')}` })
    await publish('2.0', 'two')
    const other = aptRepository('quayside-test', { ...source, signedBy: aptKeyring('quayside-test') })
    await live({ wish: other, drift: sh`rm /etc/apt/sources.list.d/quayside-test.sources` })
    expect(await run(sh`apt-cache policy quayside-nothing`)).toContain('Candidate: 2.0')
    await expect(converge(host, wish)).rejects.toThrow('left as it was')
    expect((await look(host, other)).kind).toBe('unchanged')
    await run(sh`chmod 600 /etc/apt/sources.list.d/quayside-test.sources`)
    expect((await converge(host, other)).summary).toBe('mode 0600 → 0644')
    await converge(host, gone)
    await converge(host, absentAptKey('quayside-test'))
  })

  test('takes its key from a URL, and only the key that is meant', async () => {
    const armored = await key('one')
    await run(sh`printf '%s' ${armored} >${here}/key.asc; echo no key >${here}/no-key`)
    const url = `file://${here}/key.asc`
    await live({
      wish: aptKey('quayside-test', { url, sha256: await sha256(`${here}/key.asc`) }),
      drift: sh`chmod 600 ${aptKeyring('quayside-test')}`,
      gone: absentAptKey('quayside-test'),
    })
    await expect(converge(host, aptKey('quayside-test', { url, sha256: '0'.repeat(64) }))).rejects.toThrow(
      'not the 0000',
    )
    const noKey = { url: `file://${here}/no-key`, sha256: await sha256(`${here}/no-key`) }
    await expect(converge(host, aptKey('quayside-test', noKey))).rejects.toThrow('it is no armored key')
  })
})

describe('an archive', () => {
  const path = `${here}/unpacked`

  test('is unpacked from a URL, unpacked anew for another version, and removed', async () => {
    await run(sh`set -e
cd ${here}; mkdir -p tool-1/bin tool-2; echo one >tool-1/bin/tool; chmod 755 tool-1/bin/tool; echo two >tool-2/README
tar -czf tool-1.tar.gz tool-1; tar -c --zstd -f tool-2.tar.zst tool-2; tar -cJf tool-1.tar.xz tool-1`)
    const from = async (name: string) => ({
      url: `file://${here}/${name}`,
      sha256: await sha256(`${here}/${name}`),
    })
    const wish = archive(path, { from: await from('tool-1.tar.gz'), strip: 1, owner: 'nobody', group: 'adm' })
    await live({
      wish,
      drift: sh`chmod 700 ${path}`,
      other: archive(path, { from: await from('tool-2.tar.zst') }),
    })
    expect(await run(sh`cd ${path} && find . | sort && cat tool-2/README`)).toBe(
      '.\n./.quayside-archive\n./tool-2\n./tool-2/README\ntwo\n',
    )
    await converge(host, wish)
    expect(
      await run(sh`stat -c '%U %G %a' ${path}/bin/tool; ${path}/bin/tool || cat ${path}/bin/tool`),
    ).toContain('nobody adm 755')
    const third = archive(path, { from: await from('tool-1.tar.xz'), strip: 2 })
    await live({ wish: third, gone: absentArchive(path) })

    // Another content than was asked for, and a name that cannot be unpacked: what was there stays.
    await converge(host, wish)
    const wrong = { url: `file://${here}/tool-2.tar.zst`, sha256: 'a'.repeat(64) }
    await expect(converge(host, archive(path, { from: wrong }))).rejects.toThrow('not the aaaa')
    const noTar = archive(path, { from: { ...(await from('tool-2.tar.zst')) }, format: 'tar.gz' })
    await expect(converge(host, noTar)).rejects.toThrow('gzip')
    const tooDeep = archive(path, { from: await from('tool-2.tar.zst'), strip: 5 })
    await expect(converge(host, tooDeep)).rejects.toThrow('strip 5 is too much')
    expect((await look(host, wish)).kind).toBe('unchanged')
    expect(await run(sh`ls -A ${here} | grep quayside || :`)).toBe('')
  })

  test('is unpacked from a zip on the host, as often as that changes', async () => {
    // The empty zip of a program that is not there: one file, stored, made by hand.
    const zip = (name: string) =>
      run(
        sh`cd ${here} && rm -rf z z.zip && mkdir -p z/in/ner && echo ${name} >z/in/ner/file && perl -e ${zipInPerl} z.zip z/in/ner/file`,
      )
    const wish = archive(`${here}/zipped`, { from: { path: `${here}/z.zip` }, strip: 2 })
    expect((await look(host, wish)).kind).toBe('unknown')
    await zip('one')
    await converge(host, wish)
    expect(await run(sh`cat ${here}/zipped/ner/file`)).toBe('one\n')
    await zip('two')
    expect((await converge(host, wish)).summary).toBe(`unpack anew from ${here}/z.zip`)
    expect(await run(sh`cat ${here}/zipped/ner/file; ls -A ${here}/zipped`)).toBe(
      'two\n.quayside-archive\nner\n',
    )
  })

  test('never replaces a directory that it did not make', async () => {
    await run(sh`mkdir -p ${here}/theirs; echo precious >${here}/theirs/file`)
    const wish = archive(`${here}/theirs`, { from: { path: `${here}/z.zip` } })
    await expect(look(host, wish)).rejects.toThrow('a directory that was not unpacked by Quayside')
    await expect(look(host, absentArchive(`${here}/theirs`))).rejects.toThrow(Conflict)
  })
})

/** A zip of one file, stored as it is. */
const zipInPerl = String.raw`
use Compress::Zlib; my ($zip, $name) = @ARGV; local $/; open my $f, "<", $name; my $data = <$f>; my $crc = crc32($data);
my $meta = pack("v V V V v v", 20, 0, 0, 0, 0, 0); open my $o, ">", $zip;
my $head = pack("v v v v v V V V v v", 20, 0, 0, 0, 0, $crc, length $data, length $data, length $name, 0);
print $o "PK\3\4", $head, $name, $data;
my $at = 30 + length($name) + length($data);
my $dir = "PK\1\2" . pack("v", 20) . $head . pack("v v v V V", 0, 0, 0, 0100644 << 16, 0) . $name;
print $o $dir, "PK\5\6", pack("v v v v V V v", 0, 0, 1, 1, length $dir, $at, 0);`

describe('a git checkout', () => {
  const [origin, path] = [`${here}/origin.git`, `${here}/checkout`]
  const repo = `file://${origin}`
  const commit = (text: string) =>
    run(sh`set -e
cd ${here}/work; echo ${text} >file; git add file; git -c user.name=t -c user.email=t@quayside.test commit -qm ${text}
git push -q origin HEAD:main; git rev-parse HEAD`).then((out) => out.trim())

  test('follows a branch, holds a tag and a commit, and loses no work', async () => {
    await run(sh`set -e
git init -q --bare ${origin}; git clone -q ${origin} ${here}/work 2>/dev/null`)
    const first = await commit('first')
    await run(
      sh`cd ${here}/work && git -c user.name=t -c user.email=t@quayside.test tag -am v1 v1 && git push -q origin v1`,
    )
    const main = gitCheckout(path, { repo, version: 'main', depth: 1 })
    await live({ wish: main, drift: sh`rm -rf ${path}` })
    const second = await commit('second')
    expect((await converge(host, main)).summary).toBe(`${first.slice(0, 10)} → main (${second.slice(0, 10)})`)
    await converge(host, gitCheckout(path, { repo, version: 'v1' }))
    expect(await run(sh`cat ${path}/file; git -C ${path} rev-list --count HEAD`)).toBe('first\n1\n')
    const exact = gitCheckout(path, { repo, version: second })
    await converge(host, exact)
    expect((await look(host, gitCheckout(path, { repo, version: 'nonesuch' }))).kind).toBe('unknown')

    // What git does not know is no one's business; what was changed by hand is.
    await run(sh`echo mine >${path}/build-output; echo mine >${path}/file`)
    await expect(look(host, exact)).rejects.toThrow(/files were changed by hand[\s\S]* M file/)
    const forced = gitCheckout(path, { repo, version: second, force: true })
    expect((await converge(host, forced)).diff).toBe('- M file')
    await run(
      sh`cd ${path} && echo more >file && git -c user.name=t -c user.email=t@quayside.test commit -qam mine`,
    )
    await expect(look(host, exact)).rejects.toThrow('is nowhere else')
    await converge(host, forced)
    expect(
      await run(sh`cat ${path}/build-output ${path}/file; ls -A ${here} | grep -e '^[.]checkout' || :`),
    ).toBe('mine\nsecond\n')
    await run(sh`git clone -q --bare ${origin} ${here}/owned.git && chown -R nobody ${here}/owned.git`)
    await live({
      wish: gitCheckout(`${here}/owned`, { repo: `${here}/owned.git`, version: first, owner: 'nobody' }),
      drift: sh`rm -rf ${here}/owned/.git ${here}/owned/file`,
      other: gitCheckout(`${here}/owned`, { repo: `${here}/owned.git`, version: 'main', owner: 'nobody' }),
      gone: absentDirectory(`${here}/owned`),
    })
    await run(sh`mkdir ${here}/no-checkout; touch ${here}/no-checkout/x`)
    await expect(look(host, gitCheckout(`${here}/no-checkout`, { repo, version: first }))).rejects.toThrow(
      Conflict,
    )
  })
})
