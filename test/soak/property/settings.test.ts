import { lines, raw, sh } from '../../../lib/script/index.ts'
import { demand } from '../../property/host/look.ts'
import { mountCases, mountObeys, swapCases, swapObeys, sweepMounts } from '../../property/host/mounts.ts'
import {
  cronCases,
  cronObeys,
  hostnameCases,
  hostnameObeys,
  journaldCases,
  journaldObeys,
  sweepJournald,
  sysctlCases,
  sysctlObeys,
  timezoneCases,
  timezoneObeys,
} from '../../property/host/settings.ts'
import { hostSite } from '../../property/host/site.ts'
import { serviceCases, serviceObeys, sweepUnit } from '../../property/host/unit.ts'
import { property } from '../../property/runs.ts'

const folder = '/srv/quayside-settings'
const saved = '/var/tmp/quayside-property-saved'

/** What the cases change of the host itself is put back, also by the next run where one died. */
const restore = raw(`if [ -d ${saved} ]; then
  cat ${saved}/hosts >/etc/hosts; cat ${saved}/hostname >/proc/sys/kernel/hostname
  cp -p ${saved}/fstab /etc/fstab; cat ${saved}/hostname >/etc/hostname; cat ${saved}/somaxconn >/proc/sys/net/core/somaxconn
  rm -rf /etc/localtime /etc/timezone /etc/cron.d/quayside-property /etc/sysctl.d/60-quayside-net.core.somaxconn.conf
  cp -Pp ${saved}/localtime /etc/localtime; [ ! -e ${saved}/timezone ] || cp -p ${saved}/timezone /etc/timezone
  [ ! -e ${saved}/sysctl ] || cp -p ${saved}/sysctl /etc/sysctl.d/60-quayside-net.core.somaxconn.conf
  rm -rf ${saved}
fi
`)

const site = hostSite(
  'app-2',
  folder,
  lines(restore, sweepUnit, sweepJournald, sweepMounts(folder)),
  async (connection) => {
    await demand(
      connection,
      sh`mkdir -p ${saved}
cp -p /etc/hosts ${saved}/hosts; uname -n >${saved}/hostname; cp -p /etc/fstab ${saved}/fstab
cp -Pp /etc/localtime ${saved}/localtime; [ ! -e /etc/timezone ] || cp -p /etc/timezone ${saved}/timezone
cat /proc/sys/net/core/somaxconn >${saved}/somaxconn
[ ! -e /etc/sysctl.d/60-quayside-net.core.somaxconn.conf ] || cp -p /etc/sysctl.d/60-quayside-net.core.somaxconn.conf ${saved}/sysctl`,
    )
  },
)

property('a service', 3, serviceCases, (each) => serviceObeys(site, each))
property('a cron job', 8, cronCases, (each) => cronObeys(site, each))
property('a kernel setting', 6, sysctlCases, (each) => sysctlObeys(site, each))
property('a time zone', 6, timezoneCases, (each) => timezoneObeys(site, each))
property('settings of the journal', 4, journaldCases, (each) => journaldObeys(site, each))
property('a hostname', 6, hostnameCases, (each) => hostnameObeys(site, each))
property('a mount, or none', 5, mountCases, (each) => mountObeys(site, each))
property('a line for swap', 4, swapCases, (each) => swapObeys(site, each))
