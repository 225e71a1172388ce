namespace Changeover.Findings;

/// <summary>
/// What a rehearsal says must never be so and was so. Sentences as short as these would be found in anybody's words, so they stand apart and are
/// looked up only for that.
/// </summary>
internal static class GermanHarm
{
    public static readonly ImmutableArray<(string English, string German)> All =
    [
        ("neither ended nor halted", "weder beendet noch angehalten"),
        ("{0} is primary on {1} and {2}", "{0} ist Primary auf {1} und {2}"),
        ("{0} is on {1} and {2}", "{0} ist auf {1} und {2}"),
        ("clients write on both masters", "Clients schreiben auf beiden Mastern"),
        ("no server of it takes callers, and its software runs", "keiner seiner Server nimmt Anrufer an, und seine Software läuft"),
        ("becomes primary with a copy of {0} that lacks what {1} wrote alone", "wird Primary mit einer Kopie von {0}, der fehlt, was {1} allein geschrieben hat"),
        ("becomes the writer without {0} transactions that {1} had acknowledged", "wird Schreiber ohne {0} Transaktionen, die {1} bestätigt hatte"),
        ("is switched off while it holds {0}", "wird ausgeschaltet, während sie {0} hält"),
        ("is switched off while it has the only good copy of {0}", "wird ausgeschaltet, während sie die einzige gute Kopie von {0} hat"),
        ("is switched off while the balancer sends the writers there", "wird ausgeschaltet, während der Lastverteiler die Schreiber dorthin schickt"),
        ("is switched off with {0} transactions {1} does not have", "wird ausgeschaltet mit {0} Transaktionen, die {1} nicht hat"),
        ("the store moves while {0} runs on {1}", "der Speicher zieht um, während {0} auf {1} läuft"),
        ("the address moves while {0} on {1} writes through it", "die Adresse zieht um, während {0} auf {1} über sie schreibt"),
        ("DRBD {0}: both sides wrote alone, they do not connect any more", "DRBD {0}: beide Seiten schrieben allein, sie verbinden sich nicht mehr"),
        ("{0} is started while its share is not there", "{0} wird gestartet, während die Freigabe nicht da ist"),
        ("runs on {0} at once, for longer than a hand-over", "läuft zugleich auf {0:word}, länger als eine Übergabe dauert"),
    ];
}
