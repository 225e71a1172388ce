using Changeover.Inventory;
using Changeover.Knowledge;

namespace Changeover.Drivers.HaProxy;

/// <summary>What HAProxy's runtime socket prints, read by column name.</summary>
internal static class HaProxyText
{
    public static Reading Read(Subject subject, Reply.Answered reply, BalancerSettings settings) =>
        Reading.Unreadable(ExchangeFindings.Unreadable.On(subject.Name, "what", "not read yet", "text", ""));

    /// <summary>HAProxy's own rule for names of proxies and servers.</summary>
    public static bool InName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':';
}
