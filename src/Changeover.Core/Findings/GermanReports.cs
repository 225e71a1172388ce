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
        ("started by", "gestartet von"),
        ("plan approved by", "Plan freigegeben von"),
        ("the same person", "derselben Person"),
        ("signed for what no run explains", "unterschrieben für das, was kein Lauf erklärt"),
        ("goes on from", "schließt an"),
        ("left out", "weggelassen"),
        ("not recorded", "nicht aufgezeichnet"),
        ("began", "Beginn"),
        ("ended", "Ende"),
        ("last known", "letzter bekannter Stand"),
        ("took", "Dauer"),
        ("callers without service", "Anrufer ohne Dienst"),
        ("{0} and not over by then, by the run's own clock, from the first service stopped: not all serve again", "{0} und da noch nicht vorbei, nach der eigenen Uhr des Laufs, vom ersten gestoppten Dienst an: noch nicht alle sind wieder in Betrieb"),
        ("{0}, by the run's own clock, from the first service stopped until all serve again", "{0}, nach der eigenen Uhr des Laufs, vom ersten gestoppten Dienst, bis alle wieder in Betrieb waren"),
        ("not interrupted by this run", "durch diesen Lauf nicht unterbrochen"),
        ("measured from outside", "von außen gemessen"),
        ("{0}: never interrupted in {1} uses", "{0}: bei {1} Nutzungen nie unterbrochen"),
        ("{0}: 1 interruption, longest {1}, together {2} ({3} of {4} uses failed)", "{0}: 1 Unterbrechung, die längste {1}, zusammen {2} ({3} von {4} Nutzungen schlugen fehl)"),
        ("{0}: {1} interruptions, longest {2}, together {3} ({4} of {5} uses failed)", "{0}: {1} Unterbrechungen, die längste {2}, zusammen {3} ({4} von {5} Nutzungen schlugen fehl)"),
        ("as found", "wie vorgefunden"),
        ("nothing differs", "nichts weicht ab"),
        ("differs", "weicht ab"),
        ("differs, signed by {0}", "weicht ab, unterschrieben von {0}"),
        ("not looked at by this run", "von diesem Lauf nicht angesehen"),
        ("not everything could be seen", "nicht alles war zu sehen"),
        ("not compared by this run; a failback compares at its end", "von diesem Lauf nicht verglichen; das tut ein Failback an seinem Ende"),
        ("left out and not compared: {0}", "weggelassen und nicht verglichen: {0}"),
        ("controller", "Steuerrechner"),
        ("plan", "Plan"),
        ("digest {0}, rules {1}, inventory {2}", "Prüfsumme {0}, Regeln {1}, Inventar {2}"),

        // How long each function was not there.
        ("Interruption", "Unterbrechung"),
        ("nothing was stopped or moved by this run", "dieser Lauf hat nichts gestoppt oder umgezogen"),
        ("By the run's own clock: from when it was asked to stop or to move until it was seen again. What users had is known only from outside.",
            "Nach der eigenen Uhr des Laufs: vom Auftrag zum Stoppen oder Umziehen, bis es wieder gesehen wurde. Was die Nutzer hatten, weiß nur eine Messung von außen."),
        ("{0}: not interrupted, it was not stopped on {1}", "{0}: nicht unterbrochen, auf {1} wurde nichts gestoppt"),
        ("{0}: was stopped already when this run began, seen to run again at {1}", "{0}: war schon gestoppt, als dieser Lauf begann; um {1} wieder laufend gesehen"),
        ("{0}: was stopped already when this run began, and not seen to run again", "{0}: war schon gestoppt, als dieser Lauf begann, und wurde nicht wieder laufend gesehen"),
        ("{0}: at most {1}, from {2} to {3}", "{0}: höchstens {1}, von {2} bis {3}"),
        ("on all machines of the plan by {0}", "auf allen Maschinen des Plans um {0}"),
        ("not seen on all machines of the plan", "nicht auf allen Maschinen des Plans gesehen"),
        ("{0}: since {1}, and not seen again by this run", "{0}: seit {1}, und von diesem Lauf nicht wieder gesehen"),

        // Its parts.
        ("As found", "Wie vorgefunden"),
        ("Hold points", "Haltepunkte"),
        ("{0} before {1}, released at {2}", "{0} vor dem Tor {1:word}, freigegeben um {2}"),
        ("{0} before {1}, not released", "{0} vor dem Tor {1:word}, nicht freigegeben"),
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
        ("start", "Start"),
        ("resume", "Fortsetzung"),
        ("stop", "Anhalten"),
        ("plan approved by {0}", "Plan freigegeben von {0}"),
        ("carried on by {0}", "weitergeführt von {0}"),

        // The few lines at the end of a report as text.
        ("{0} of {1} steps", "{0} von {1} Schritten"),
        ("did {0}, found {1} so already, accepted {2}", "{0} ausgeführt, {1} waren schon so, {2} hingenommen"),
        ("callers are still without service as far as this run knows, after {0} (not all of what it stopped serves again; by its own clock)", "Anrufer sind, soweit dieser Lauf weiß, noch ohne Dienst, nach {0} (nicht alles, was er gestoppt hat, ist wieder in Betrieb; nach seiner eigenen Uhr)"),
        ("callers were without service for {0} (software stopped until software serving; by the run's own clock)", "Anrufer waren {0} ohne Dienst (von der gestoppten bis zur laufenden Software; nach der eigenen Uhr des Laufs)"),
        ("{0} is held by {1}", "{0} wird von {1} gehalten"),
        ("the writer is {0}", "der Schreiber ist {0}"),
        ("left out from the start: {0} ({1})", "von Anfang an weggelassen: {0} ({1})"),
        ("accepted: {0}", "hingenommen: {0}"),
        ("nothing differs from how it was found", "nichts weicht vom Vorgefundenen ab"),
        ("left as it is by the abort:", "durch den Abbruch so belassen:"),
        ("the way on: changeover run failover {0}; the way back: changeover run failback {1}; each is derived from what is there then", "der Weg weiter: changeover run failover {0}; der Weg zurück: changeover run failback {1}; beide werden von dem abgeleitet, was dann da ist"),
        ("or finish by hand with: changeover runbook {0}", "oder von Hand zu Ende führen mit: changeover runbook {0}"),
    ];
}
