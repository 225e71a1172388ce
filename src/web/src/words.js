// Every word of the page, in both languages. What the program itself says (steps, findings) comes from it as it is.

const german = (navigator.languages[0] ?? '').startsWith('de')

export const language = german ? 'de' : 'en'

const words = {
  cluster: ['Cluster', 'Cluster'],
  health: ['Health', 'Zustand'],
  plan: ['Plan', 'Plan'],
  run: ['Run', 'Lauf'],
  history: ['History', 'Verlauf'],
  signIn: ['Sign in', 'Anmelden'],
  signOut: ['Sign out', 'Abmelden'],
  name: ['Name', 'Name'],
  password: ['Password', 'Passwort'],
  noConnection: ['No connection. What you see is from {0}; it is tried again.', 'Keine Verbindung. Der Stand ist von {0}; es wird weiter versucht.'],
  age: ['{0} ago', 'vor {0}'],
  never: ['not looked at', 'nicht angesehen'],
  seen: ['seen', 'gesehen'],
  stale: ['old', 'alt'],
  close: ['Close', 'Schließen'],
  // parts
  primary: ['primary', 'primär'],
  standby: ['standby', 'Reserve'],
  'in-standby': ['set to standby', 'auf Standby gesetzt'],
  writer: ['writer', 'Schreiber'],
  active: ['active', 'aktiv'],
  last: ['last: {0}', 'zuletzt: {0}'],
  off: ['off', 'aus'],
  on: ['on', 'an'],
  unknown: ['unknown', 'unbekannt'],
  paused: ['paused', 'angehalten'],
  pairs: ['Pairs', 'Paare'],
  databases: ['Databases', 'Datenbanken'],
  balancers: ['Load balancers', 'Lastverteiler'],
  downtimes: ['Downtimes in the monitoring', 'Wartungszeiten im Monitoring'],
  none: ['none', 'keine'],
  holder: ['held by', 'gehalten von'],
  nobody: ['not known', 'nicht bekannt'],
  replication: ['Replication', 'Replikation'],
  receiving: ['receives', 'empfängt'],
  applying: ['applies', 'wendet an'],
  notApplying: ['does not apply', 'wendet nicht an'],
  behind: ['{0} behind', '{0} zurück'],
  sessions: ['sessions', 'Sitzungen'],
  services: ['Services', 'Dienste'],
  allRunning: ['{0} run', '{0} laufen'],
  notRunning: ['{0} of {1} run', '{0} von {1} laufen'],
  writable: ['writable', 'beschreibbar'],
  readOnly: ['read only', 'nur lesbar'],
  rawFacts: ['What was seen of {0}', 'Was von {0} gesehen wurde'],
  noFacts: ['no answer that could be read', 'keine lesbare Antwort'],
  backup: ['backup', 'Ersatz'],
  until: ['until {0}', 'bis {0}'],
  // health
  look: ['Look again', 'Neu ansehen'],
  looking: ['Looking at everything …', 'Alles wird angesehen …'],
  healthy: ['Healthy: every function is as expected', 'In Ordnung: jede Funktion ist wie erwartet'],
  unhealthy: ['Not healthy: nothing may be started', 'Nicht in Ordnung: nichts darf gestartet werden'],
  unknownHealth: ['Unknown: what could not be seen counts as not healthy', 'Unbekannt: was nicht zu sehen war, gilt als nicht in Ordnung'],
  expected: ['Expected', 'Erwartet'],
  normal: ['normal operation', 'Normalbetrieb'],
  emptied: ['{0} emptied', '{0} geleert'],
  advice: ['Worth knowing', 'Gut zu wissen'],
  power: ['Power', 'Ein und aus'],
  machines: ['Machines', 'Maschinen'],
  store: ['Store', 'Speicher'],
  notAsExpected: ['not as expected', 'nicht wie erwartet'],
  asExpected: ['as expected', 'wie erwartet'],
  runGoesOn: ['A run is going on; what it sees is in the cluster view.', 'Ein Lauf ist im Gang; was er sieht, zeigt die Clusteransicht.'],
  // plan
  failover: ['Failover: empty {0}', 'Failover: {0} leeren'],
  failback: ['Failback: bring {0} back', 'Failback: {0} zurückholen'],
  closing: ['Close the maintenance of {0}', 'Wartung von {0} abschließen'],
  closeGoal: ['Close the maintenance', 'Wartung abschließen'],
  derive: ['Derive the plan', 'Plan ableiten'],
  goal: ['Goal', 'Ziel'],
  host: ['Host', 'Host'],
  steps: ['{0} steps, {1} of them by a person', '{0} Schritte, davon {1} durch eine Person'],
  duration: ['usually about {0}', 'gewöhnlich etwa {0}'],
  upTo: ['up to {0}', 'bis zu {0}'],
  after: ['after', 'nach'],
  sends: ['sends', 'sendet'],
  person: ['a person', 'eine Person'],
  check: ['looks only', 'sieht nur nach'],
  allowed: ['allows others only', 'gibt nur andere frei'],
  digest: ['Digest', 'Prüfsumme'],
  holdBefore: ['Wait for a word before', 'Vor diesen Toren auf ein Wort warten'],
  approveOnly: ['Approve for somebody else to start', 'Freigeben, damit jemand anderes startet'],
  approvedBy: ['approved by {0}', 'freigegeben von {0}'],
  approveAndRun: ['Approve and start', 'Freigeben und starten'],
  start: ['Start', 'Starten'],
  reallyRun: ['Carry out exactly this plan, digest {0}? It changes the cluster.', 'Genau diesen Plan ausführen, Prüfsumme {0}? Das verändert den Cluster.'],
  yes: ['Yes, start it', 'Ja, starten'],
  no: ['No', 'Nein'],
  mayNotPlan: ['You may look, not plan.', 'Sie dürfen ansehen, nicht planen.'],
  mayNotRun: ['You may not start it.', 'Sie dürfen nicht starten.'],
  mayNotDecide: ['You may look, not decide.', 'Sie dürfen ansehen, nicht entscheiden.'],
  needsSecond: ['Somebody else has to approve this plan before you can start it.', 'Jemand anderes muss diesen Plan freigeben, bevor Sie starten können.'],
  refusedPlan: ['No plan in such a state:', 'In diesem Zustand kein Plan:'],
  starting: ['Deriving it again and starting …', 'Wird neu abgeleitet und gestartet …'],
  // run
  noRun: ['No run is going on.', 'Kein Lauf ist im Gang.'],
  lastRun: ['The last one', 'Der letzte'],
  nobodyRuns: ['Nobody carries this run out now.', 'Niemand führt diesen Lauf gerade aus.'],
  elsewhere: ['carried out by another process', 'von einem anderen Prozess ausgeführt'],
  resume: ['Resume', 'Fortsetzen'],
  pause: ['Pause', 'Anhalten'],
  pauseHint: ['Nothing new starts, what is in flight comes back.', 'Nichts Neues beginnt, Laufendes kommt zurück.'],
  interruption: ['Callers without service', 'Anrufer ohne Dienst'],
  notInterrupted: ['not interrupted', 'nicht unterbrochen'],
  progress: ['{0} of {1} steps', '{0} von {1} Schritten'],
  safe: ['Safe to leave', 'Kann so bleiben'],
  notSafe: ['Do not leave it so', 'Nicht so lassen'],
  waitsFor: ['In work', 'In Arbeit'],
  waitsForYou: ['Waits for you', 'Wartet auf Sie'],
  forSince: ['{0} of at most {1}', '{0} von höchstens {1}'],
  reason: ['Why (goes into the report)', 'Grund (steht im Bericht)'],
  needsReason: ['A reason is needed; it goes into the report.', 'Ein Grund ist nötig; er steht im Bericht.'],
  mendWould: ['mend would:', 'Beheben würde:'],
  log: ['What happened', 'Was geschah'],
  allSteps: ['All steps', 'Alle Schritte'],
  confirm: ['Done', 'Erledigt'],
  retry: ['Look again, try again', 'Neu ansehen, neu versuchen'],
  accept: ['Accept as it is', 'So hinnehmen'],
  exclude: ['Leave this machine out', 'Diese Maschine auslassen'],
  force: ['Pull the plug', 'Hart ausschalten'],
  mend: ['Mend', 'Beheben'],
  continue: ['Go on', 'Weiter'],
  abort: ['Abort and hand over', 'Abbrechen und übergeben'],
  abortHint: ['Everything stays as it is; claim and downtimes stay. The way on or back is a new plan.', 'Alles bleibt, wie es ist; Anspruch und Wartungszeiten bleiben. Weiter oder zurück geht es mit einem neuen Plan.'],
  sure: ['Sure?', 'Sicher?'],
  cancel: ['Cancel', 'Zurück'],
  recorded: ['recorded', 'vermerkt'],
  // states
  running: ['running', 'läuft'],
  halted: ['halted', 'wartet auf Entscheidung'],
  waiting: ['waiting', 'wartet'],
  stopped: ['paused', 'angehalten'],
  done: ['done', 'fertig'],
  refused: ['refused', 'abgelehnt'],
  aborted: ['aborted', 'abgebrochen'],
  checking: ['looking', 'sieht nach'],
  acting: ['acting', 'handelt'],
  verifying: ['proving', 'weist nach'],
  foundso: ['so already', 'war schon so'],
  accepted: ['accepted', 'hingenommen'],
  excluded: ['left out', 'ausgelassen'],
  // history
  report: ['Report', 'Bericht'],
  noRuns: ['Nothing was run yet.', 'Es gab noch keinen Lauf.'],
  began: ['Began', 'Beginn'],
  took: ['Took', 'Dauer'],
  state: ['State', 'Stand'],
  seconds: ['{0} s', '{0} s'],
  minutes: ['{0} min {1} s', '{0} min {1} s'],
  wholeMinutes: ['{0} min', '{0} min'],
  hours: ['{0} h {1} min', '{0} h {1} min'],
}

/** The word, with {0}, {1} filled in. A word that is missing shows its key, which a test finds. */
export function t(key, ...values) {
  const text = words[key]?.[german ? 1 : 0] ?? key
  return text.replace(/\{(\d)\}/g, (_, n) => values[n] ?? '')
}

/** A duration as people say it. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return ''
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return t('seconds', s)
  if (s < 3600 && s % 60 === 0) return t('wholeMinutes', s / 60)
  if (s < 3600) return t('minutes', Math.floor(s / 60), String(s % 60).padStart(2, '0'))
  return t('hours', Math.floor(s / 3600), String(Math.floor(s / 60) % 60).padStart(2, '0'))
}

const clock = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat(language === 'de' ? 'de-DE' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' })

export const time = text => (text ? clock.format(new Date(text)) : '')
export const date = text => (text ? day.format(new Date(text)) : '')
export const goalTitle = goal => {
  const [kind, host] = goal.split(' ')
  return t(kind === 'close' ? 'closing' : kind, host)
}
