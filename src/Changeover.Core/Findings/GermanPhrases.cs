using System.Collections.Frozen;

namespace Changeover.Findings;

/// <summary>The German title of every step, by the phrase's code.</summary>
internal static class GermanPhrases
{
    public static readonly FrozenDictionary<string, string> Templates = new Dictionary<string, string>
    {
        ["gate"] = "Tor: {0:word}",
        ["check-start"] = "nachweisen, dass jede Funktion wie erwartet ist",
        ["check-emptied"] = "nachweisen, dass der Cluster geleert ist und die Maschinen von {0} aus sind",
        ["check-partly"] = "nachweisen, dass der Cluster so ist, wie der abgebrochene Lauf ihn hinterließ, und heil",
        ["claim"] = "{0} für diesen Lauf belegen",
        ["release"] = "die Belegung von {0} aufheben",
        ["backup"] = "die aktive Datenbank auf {0} sichern und die Sicherung nachweisen",
        ["not-before"] = "warten bis {0}",
        ["remove-backup"] = "die Sicherung {0} auf {1} entfernen",
        ["downtime"] = "Downtime im Monitoring setzen für {0:word}",
        ["downtime-end"] = "Downtime im Monitoring beenden für {0:word}",
        ["stop"] = "{1} auf {0} stoppen",
        ["silence"] = "{1} auf {0} stoppen, falls von selbst gestartet",
        ["start"] = "{1} auf {0} starten",
        ["quiet"] = "nachweisen, dass niemand verbunden ist",
        ["picture"] = "das zweite Bild der Lastverteiler aufnehmen",
        ["forecast"] = "vorhersagen, was Standby und Unstandby von {0} bewirken",
        ["standby"] = "{0} auf Standby setzen, {1} übernimmt",
        ["unstandby"] = "Standby von {0} beenden, {1} behält die Rolle",
        ["nothing-lost"] = "nachweisen, dass {0} alles angewendet hat, was {1} hat, und umgekehrt",
        ["maint"] = "die Server von {1} auf {0} in MAINT setzen",
        ["restore-servers"] = "alle Server auf {0} wie vorgefunden setzen",
        ["writer"] = "nachweisen, dass {0} der Schreiber ist",
        ["power-off"] = "{0} herunterfahren und warten, bis die Maschine aus ist",
        ["power-on"] = "{0} einschalten und warten, bis die Maschine da ist",
        ["replicate"] = "die Replikation auf {0} starten, wo sie nicht von selbst läuft",
        ["check-area"] = "einseitigen Betrieb prüfen: {0:word}",
        ["check-pair-whole"] = "das Paar {0} prüfen: {1} hält es, {2} ist wieder synchron",
        ["check-replication"] = "die Replikation auf {0} prüfen",
        ["check-whole"] = "nachweisen, dass der ganze Cluster beisammen ist",
        ["prove-client"] = "Freigabe und Datenbank auf {0} nachweisen",
        ["singleton"] = "{1} auf {0} ausführen und nirgends sonst",
        ["singleton-stop"] = "{1} auf {0} anhalten",
        ["health-emptied"] = "Systemprüfung, einseitiger Betrieb",
        ["health-normal"] = "Systemprüfung, Normalbetrieb",
        ["accept"] = "eine Person bestätigt: {0}",
        ["site"] = "{0}",
        ["as-found"] = "nachweisen, dass alles ist wie vorgefunden",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
