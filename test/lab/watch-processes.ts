import { feed, raw, type Script, sh } from '../../lib/script/index.ts'

/**
 * Looks on a host at what all processes have in /proc, some twenty times a second for three minutes at the most, in one
 * process: what started others for each look would take the host from whoever is watched. `hits` in the folder gets the
 * path of each file that holds one of the texts, once, and `looks` their number; a file `stop` ends it.
 */
export function watchProcesses(
  folder: string,
  { texts, files }: { readonly texts: readonly string[]; readonly files: readonly string[] },
): Script {
  // By standard input: no argument of the watcher is to hold what it looks for.
  return sh`mkdir -p -m 0700 ${folder}
base64 -d >${folder}/texts${feed(texts.map((text) => `${text}\n`).join(''))}
base64 -d >${folder}/watch.pl${feed(program)}
(exec perl ${folder}/watch.pl ${folder} ${raw(files.join(' '))}) >/dev/null 2>&1 </dev/null &
n=0; until [ -e ${folder}/looks ] || [ $n -ge 100 ]; do n=$((n + 1)); sleep 0.1; done`
}

/** Ends it, and prints how often it looked, then what it found. */
export const watchedBy = (folder: string): Script =>
  sh`touch ${folder}/stop; n=0; while [ ! -e ${folder}/ended ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
cat ${folder}/looks ${folder}/hits`

const program = `use strict;
my ($folder, @files) = @ARGV;
open(my $in, '<', "$folder/texts") or die; chomp(my @texts = <$in>); close $in;
my $any = join '|', map { quotemeta } @texts;
my (%seen, $looks);
my $end = time + 180;
sub keep { my ($name, $text) = @_; open(my $out, '>', "$folder/$name") or die; print $out $text; close $out }
keep('hits', '');
while (!-e "$folder/stop" && time < $end) {
  opendir(my $proc, '/proc') or die;
  for my $pid (grep { /^\\d+$/ } readdir $proc) {
    for my $file (@files) {
      open(my $of, '<', "/proc/$pid/$file") or next;
      local $/; my $text = <$of>; close $of;
      next unless defined $text && $text =~ /$any/;
      keep('hits', join '', map { "$_\\n" } sort keys %seen) unless $seen{"/proc/$pid/$file"}++;
    }
  }
  closedir $proc;
  keep('looks', ++$looks . "\\n");
  select undef, undef, undef, 0.05;
}
keep('ended', '');
`
