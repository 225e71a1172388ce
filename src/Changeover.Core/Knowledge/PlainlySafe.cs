using System.Globalization;

namespace Changeover.Knowledge;

/// <summary>
/// G2 where crm_simulate is not installed: whether everything moves to the target and stays there after unstandby, told from
/// stickiness and location constraints alone. It says yes only where no reading of them could send anything back; whatever
/// else is unknown, never a refusal, because the scheduler may still come to what is needed.
/// </summary>
/// <remarks>
/// Source: Pacemaker Explained, "Deciding Which Nodes a Resource Can Run On"; that a preference below the stickiness does not
/// pull back, and one above it does, was seen with the scheduler of 2.1.5. Colocations and orders are not looked at.
/// </remarks>
public static class PlainlySafe
{
    /// <param name="from">Node that goes to standby and comes back.</param>
    /// <param name="target">Node that takes over and has to keep everything.</param>
    public static Judgement Judge(string pair, PacemakerSetupFacts setup, string from, string target)
    {
        // Every resource sticks at least this much. Without any setting the stickiness is 0.
        var stickiness = setup.Stickiness.Values.Append(setup.DefaultStickiness ?? 0).Min();
        return View.Each(setup.Locations, c => Plainness(c) is { } why ? Doubt(c.Resource, why) : Judgement.Holds)
            & View.Each(setup.Locations.Where(c => Plainness(c) is null).GroupBy(c => c.Resource, StringComparer.Ordinal), resource =>
            {
                var pull = resource.Where(c => c.Node == from).Sum(c => (long)c.Score) - resource.Where(c => c.Node == target).Sum(c => (long)c.Score);
                return pull <= 0 || stickiness > pull
                    ? Judgement.Holds
                    : Doubt(resource.Key, string.Create(CultureInfo.InvariantCulture, $"its constraints prefer {from} by {pull}, and the stickiness is only {stickiness}"));
            });

        Judgement Doubt(string resource, string why) =>
            Judgement.Unknown(PairFindings.NotPlainlySafe.On(pair, "resource", resource, "node", target, "why", why));
    }

    /// <summary>Why a constraint is not a plain preference for one node; null: it is one.</summary>
    private static string? Plainness(LocationConstraint c) =>
        c.Node == LocationConstraint.AnyNode ? $"constraint {c.Id} has a rule that may hold for any node"
        : c.Score <= -LocationConstraint.Infinity ? $"constraint {c.Id} keeps it off {c.Node}"
        : c.Score >= LocationConstraint.Infinity ? $"constraint {c.Id} ties it to {c.Node}"
        : null;
}
