import { raw, type Script, sh } from '../../script/index.ts'

/** What names in a folder of a volume begin with that are a restore's, and not the volume's content. */
export const prefix = '.quayside-'

/** Those names. */
export const ours = {
  /** what is unpacked, and is to take the place of the content */
  next: (run: string) => `${prefix}restore-${run}`,
  /** what was the content until then */
  before: (stamp: string) => `${prefix}before-${stamp}`,
  /** how far a swap is: two words, the phase and the folder that the old content goes to */
  journal: `${prefix}swap`,
  /** the containers that are stopped for a swap, a line each */
  stopped: `${prefix}stopped`,
} as const

/** Where Redis keeps its data, on the host. */
export function dataFolder(container: string): Script {
  return sh`docker inspect ${container} --format '{{range .Mounts}}{{if eq .Destination "/data"}}{{.Source}}{{end}}{{end}}'`
}

/** Moves all that is no restore's own from one folder to another, hidden files too. */
const move = `move() {
  for each in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$each" ] || [ -L "$each" ] || continue
    case \${each##*/} in .quayside-*) continue ;; esac
    mv -- "$each" "$2"/ || return 1
  done
}
`

/**
 * Puts right a swap that died: what had been the content is the content again. In phase `out` all that is left is
 * still the old; in phase `in` it is the new that was moved in so far, which is thrown away: the store has it.
 */
export function repairFolder(folder: string): Script {
  return sh`${raw(move)}
cd ${folder} || exit 1
if [ -f ${ours.journal} ]; then
  read -r phase before <${ours.journal} || exit 1
  case $before in .quayside-before-*) ;; *) echo "${ours.journal} says $before" >&2; exit 1 ;; esac
  if [ "$phase" = in ]; then
    mkdir -p .quayside-restore-dead && move . .quayside-restore-dead || exit 1
  fi
  if [ -d "$before" ]; then move "$before" . && rmdir "$before" || exit 1; fi
  rm -f ${ours.journal}
  echo "a restore that died was undone in ${folder}"
fi
rm -rf .quayside-restore-*
if [ -f ${ours.stopped} ]; then
  xargs -r docker start <${ours.stopped} >/dev/null || exit 1
  rm -f ${ours.stopped}
fi`
}

/** Puts what was unpacked in the place of the content, which is kept beside: by renames alone. On a failure all is put back. */
export function swapFolder(folder: string, run: string, stamp: string): Script {
  return sh`${raw(move)}
cd ${folder} || exit 1
before=${ours.before(stamp)}
next=${ours.next(run)}
[ -d "$next" ] || { echo "$next is not there" >&2; exit 1; }
mkdir "$before" && chmod 700 "$before" || exit 1
chown --reference="$next" . && chmod --reference="$next" . || exit 1
echo "out $before" >${ours.journal} && sync ${ours.journal} || exit 1
if move . "$before" && echo "in $before" >${ours.journal} && sync ${ours.journal} && move "$next" .; then
  rm -f ${ours.journal}; rmdir "$next"
else
  echo "what was there is put back" >&2
  ${repairFolder(folder)}
  exit 1
fi`
}

/** What swaps have kept in a folder: a line each. */
export function listBefore(folder: string): Script {
  return sh`cd ${folder} 2>/dev/null && for each in .quayside-before-*; do [ -d "$each" ] && printf '%s\n' "$each"; done; true`
}

/** Removes it. */
export function dropBefore(folder: string): Script {
  return sh`cd ${folder} && rm -rf .quayside-before-*`
}
