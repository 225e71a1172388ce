namespace Changeover.Findings;

/// <summary>
/// Words that only a report of a run has: headings, states, what its head says. Each is the English text with <c>{0}</c>, <c>{1}</c> … where it is
/// filled in. They are asked first, so that a run that stopped is told otherwise than a service that did.
/// </summary>
internal static class GermanReports
{
    public static readonly ImmutableArray<(string English, string German)> All =
    [
        // Its title.
        ("failover {0}", "Failover von {0}"),
        ("failback {0}", "Failback von {0}"),
        ("close {0}", "Abschluss der Wartung von {0}"),
        ("{0} of cluster {1}", "{0}, Cluster {1}"),

        // Where the run stands.
        ("running", "läuft"),
        ("halted", "wartet auf Entscheidung"),
        ("waiting", "wartet"),
        ("stopped", "angehalten"),

        // Its head.
        ("run", "Lauf"),
        ("maintenance", "Wartung"),
        ("began", "Beginn"),
        ("ended", "Ende"),
        ("last known", "letzter bekannter Stand"),
        ("took", "Dauer"),
        ("callers without service", "Anrufer ohne Dienst"),
        ("{0}, by the run's own clock, from the first service stopped until all serve again", "{0}, nach der eigenen Uhr des Laufs, vom ersten gestoppten Dienst, bis alle wieder in Betrieb waren"),
        ("not interrupted by this run", "durch diesen Lauf nicht unterbrochen"),
        ("measured from outside", "von außen gemessen"),
        ("{0}: never interrupted in {1} uses", "{0}: bei {1} Nutzungen nie unterbrochen"),
        ("{0}: 1 interruption, longest {1}, together {2} ({3} of {4} uses failed)", "{0}: 1 Unterbrechung, die längste {1}, zusammen {2} ({3} von {4} Nutzungen schlugen fehl)"),
        ("{0}: {1} interruptions, longest {2}, together {3} ({4} of {5} uses failed)", "{0}: {1} Unterbrechungen, die längste {2}, zusammen {3} ({4} von {5} Nutzungen schlugen fehl)"),
        ("as found", "wie vorgefunden"),
        ("nothing differs", "nichts weicht ab"),
        ("differs, or was not looked at", "weicht ab oder wurde nicht angesehen"),
        ("controller", "Steuerrechner"),
        ("{0}, resumed {1}", "{0}, fortgesetzt {1}"),
        ("plan", "Plan"),
        ("digest {0}, rules {1}, inventory {2}", "Prüfsumme {0}, Regeln {1}, Inventar {2}"),

        // Its parts.
        ("Deviations", "Abweichungen"),
        ("none: the cluster showed every step", "keine: der Cluster hat jeden Schritt gezeigt"),
        ("Left behind", "Hinterlassen"),
        ("Halts", "Angehalten"),
        ("Decisions", "Entscheidungen"),
        ("before {0}", "vor dem Tor {0:word}"),
        ("Steps", "Schritte"),
        ("step", "Schritt"),
        ("when", "wann"),
        ("runbook", "Runbook"),
        ("Exchanges", "Was gesendet wurde, und was zurückkam"),
        ("none", "keine"),
        ("nothing", "nichts"),

        // A step, and a person's word.
        ("accepted", "hingenommen"),
        ("so already", "war schon so"),
        ("not begun", "nicht begonnen"),
        ("in doubt", "ungewiss"),
        ("{0} attempts", "{0} Versuche"),
        ("attempt {0}", "Versuch {0}"),
        ("mend {0}", "Behebung {0}"),
        ("extended", "verlängert"),
        ("nothing that came back is in the journal", "im Journal steht nichts, was zurückkam"),
        ("pause", "Pause"),
        ("stop", "Stopp"),
        ("nothing new starts", "nichts Neues beginnt"),

        // The few lines at the end of a report as text.
        ("{0} of {1} steps", "{0} von {1} Schritten"),
        ("did {0}, found {1} so already, accepted {2}", "{0} ausgeführt, {1} waren schon so, {2} hingenommen"),
        ("callers were without service for {0} (software stopped until software serving; by the run's own clock)", "Anrufer waren {0} ohne Dienst (von der gestoppten bis zur laufenden Software; nach der eigenen Uhr des Laufs)"),
        ("{0} is held by {1}", "{0} wird von {1} gehalten"),
        ("the writer is {0}", "der Schreiber ist {0}"),
        ("left out from the start: {0} ({1})", "von Anfang an weggelassen: {0} ({1})"),
        ("accepted: {0}", "hingenommen: {0}"),
        ("nothing differs from how it was found", "nichts weicht vom Vorgefundenen ab"),
        ("left as it is by the abort:", "durch den Abbruch so belassen:"),
        ("the way on: changeover run failover {0}; the way back: changeover run failback {1}; each is derived from what is there then", "der Weg weiter: changeover run failover {0}; der Weg zurück: changeover run failback {1}; beide werden von dem abgeleitet, was dann da ist"),
        ("or finish by hand with: changeover runbook {0}", "oder von Hand zu Ende führen mit: changeover runbook {0}"),
        ("measured from outside: {0}", "von außen gemessen: {0}"),
    ];
}
