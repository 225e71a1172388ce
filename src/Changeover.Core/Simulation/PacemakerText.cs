using System.Globalization;
using System.Text;
using Changeover.Drivers.Pacemaker;
using Changeover.Knowledge;

namespace Changeover.Simulation;

/// <summary>
/// What crm_mon, cibadmin and crm_simulate of Pacemaker 2.1.5 print about a simulated pair. Texts are kept per version of the
/// pair, because a question comes every second and the cluster changes rarely.
/// </summary>
internal sealed class PacemakerText(World world)
{
    private const string NotConnected = """
        <pacemaker-result api-version="2.25" request="crm_mon -1 -r --output-as=xml">
          <status code="102" message="Not connected">
            <errors>
              <error>error: Could not connect to launcher: Connection refused</error>
              <error>crm_mon: Connection to cluster failed: Connection refused</error>
            </errors>
          </status>
        </pacemaker-result>

        """;

    private readonly Dictionary<(string Machine, string What), (int Version, string Text)> kept = [];

    /// <summary>Who holds a set, and on which members its clone runs: as it is, or as it would be.</summary>
    private readonly record struct Picture(ResourceRole First, int FirstStarted, ResourceRole Second, int SecondStarted);

    public (int Code, string Text) CrmMon(MachineTruth machine, bool legacy)
    {
        if (machine.Node is not { Running: true })
            return legacy ? (102, "<?xml version=\"1.0\"?>\n<crm_mon version=\"2.1.5\"/>\n") : (102, NotConnected);
        var pair = world.Truth.PairOf(machine.Name)!;
        return (0, Kept(machine, legacy ? "legacy" : "mon", pair, () => RenderMon(pair, machine, legacy)));
    }

    public string Cib(MachineTruth machine)
    {
        var pair = world.Truth.PairOf(machine.Name)!;
        return Kept(machine, "cib", pair, () => RenderCib(pair));
    }

    private string Kept(MachineTruth machine, string what, PairTruth pair, Func<string> render)
    {
        if (kept.TryGetValue((machine.Name, what), out var old) && old.Version == pair.Version)
            return old.Text;
        var text = render();
        kept[(machine.Name, what)] = (pair.Version, text);
        return text;
    }

    // ---- as one node sees it -------------------------------------------------------------------------------------------

    private static bool Sees(PairTruth pair, MachineTruth looker, MachineTruth other) =>
        looker == other ? looker.Node!.Online : looker.Node!.Online && other.Node!.Online && !pair.LinkCut;

    private Picture Live(PairTruth pair, ResourceSetTruth set, MachineTruth looker)
    {
        var first = Sees(pair, looker, world.Truth.Machine(pair.First)) ? set.First : null;
        var second = Sees(pair, looker, world.Truth.Machine(pair.Second)) ? set.Second : null;
        return new(first?.Role ?? ResourceRole.Stopped, first?.Started ?? 0, second?.Role ?? ResourceRole.Stopped, second?.Started ?? 0);
    }

    private string RenderMon(PairTruth pair, MachineTruth looker, bool legacy)
    {
        var xml = new StringBuilder(8192);
        var when = world.Start + pair.ChangedAt;
        var dc = Coordinator(pair, looker);
        xml.Append(legacy
            ? "<?xml version=\"1.0\"?>\n<crm_mon version=\"2.1.5\">\n"
            : "<pacemaker-result api-version=\"2.25\" request=\"crm_mon --one-shot --inactive --output-as=xml\">\n");
        if (!legacy)
            xml.Append(CultureInfo.InvariantCulture, $"  <pacemakerd sys_from=\"pacemakerd\" state=\"running\" last_updated=\"{when:yyyy-MM-dd HH:mm:ssZ}\"/>\n");
        xml.Append("  <summary>\n    <stack type=\"").Append(dc is null ? "unknown" : "corosync").Append("\"/>\n");
        if (dc is null)
        {
            xml.Append("    <current_dc present=\"false\"/>\n");
        }
        else
        {
            xml.Append(CultureInfo.InvariantCulture,
                $"    <current_dc present=\"true\" version=\"2.1.5-a3f44794f94\" name=\"{dc.NodeName}\" id=\"{Id(pair, dc)}\" with_quorum=\"{Bool(looker.Node!.SeenPeer)}\" mixed_version=\"false\"/>\n");
        }
        xml.Append(CultureInfo.InvariantCulture, $"    <last_update time=\"{Old(when)}\"/>\n");
        xml.Append(CultureInfo.InvariantCulture, $"    <last_change time=\"{Old(when)}\" user=\"root\" client=\"cibadmin\" origin=\"{looker.NodeName}\"/>\n");
        xml.Append(CultureInfo.InvariantCulture, $"    <nodes_configured number=\"2\"/>\n    <resources_configured number=\"{Instances(pair)}\" disabled=\"0\" blocked=\"0\"/>\n");
        xml.Append(CultureInfo.InvariantCulture,
            $"    <cluster_options stonith-enabled=\"false\" symmetric-cluster=\"true\" no-quorum-policy=\"{pair.NoQuorumPolicy}\" maintenance-mode=\"{Bool(pair.MaintenanceMode)}\" stop-all-resources=\"false\" stonith-timeout-ms=\"60000\" priority-fencing-delay-ms=\"0\"/>\n");
        xml.Append("  </summary>\n");
        var pictures = new Picture[pair.Sets.Count];
        for (var i = 0; i < pictures.Length; i++)
            pictures[i] = Live(pair, pair.Sets[i], looker);
        Nodes(xml, "  ", pair, looker, pictures, null, false);
        Resources(xml, "  ", pair, pictures);
        Attributes(xml, pair, looker);
        History(xml, pair);
        Failures(xml, pair);
        Bans(xml, pair);
        xml.Append(legacy ? "</crm_mon>\n" : "  <status code=\"0\" message=\"OK\"/>\n</pacemaker-result>\n");
        return xml.ToString();
    }

    private MachineTruth? Coordinator(PairTruth pair, MachineTruth looker)
    {
        var first = world.Truth.Machine(pair.First);
        var second = world.Truth.Machine(pair.Second);
        return Sees(pair, looker, first) ? first : Sees(pair, looker, second) ? second : null;
    }

    private static int Instances(PairTruth pair)
    {
        var n = 0;
        foreach (var set in pair.Sets)
            n += set.Resources.Count + (set.HasDrbd ? 2 : 0);
        return n;
    }

    /// <param name="standby">Instead of what the node says, for this machine; null: as it is.</param>
    /// <param name="joins">That machine counts as online.</param>
    private void Nodes(StringBuilder xml, string indent, PairTruth pair, MachineTruth looker, Picture[] pictures, string? standbyOf, bool standby, bool joins = false)
    {
        xml.Append(indent).Append("<nodes>\n");
        for (var i = 0; i < 2; i++)
        {
            var machine = world.Truth.Machine(i == 0 ? pair.First : pair.Second);
            var online = Sees(pair, looker, machine) || (joins && standbyOf == machine.Name);
            var running = 0;
            foreach (var p in pictures)
                running += i == 0 ? p.FirstStarted + (p.First == ResourceRole.Stopped ? 0 : 1) : p.SecondStarted + (p.Second == ResourceRole.Stopped ? 0 : 1);
            xml.Append(indent).Append(CultureInfo.InvariantCulture,
                $"  <node name=\"{machine.NodeName}\" id=\"{i + 1}\" online=\"{Bool(online)}\" standby=\"{Bool(standbyOf == machine.Name ? standby : machine.Node!.Standby)}\" standby_onfail=\"false\" maintenance=\"false\" pending=\"false\" unclean=\"{Bool(!online && (machine.Node!.Unclean || pair.LinkCut))}\" health=\"green\" ");
            if (online)
                xml.Append("feature_set=\"3.16.1\" ");
            xml.Append(CultureInfo.InvariantCulture,
                $"shutdown=\"{Bool(machine.Node!.Leaving)}\" expected_up=\"{Bool(online)}\" is_dc=\"{Bool(machine == Coordinator(pair, looker))}\" resources_running=\"{running}\" type=\"member\"/>\n");
        }
        xml.Append(indent).Append("</nodes>\n");
    }

    private void Resources(StringBuilder xml, string indent, PairTruth pair, Picture[] pictures)
    {
        xml.Append(indent).Append("<resources>\n");
        for (var i = 0; i < pictures.Length; i++)
        {
            var set = pair.Sets[i];
            var picture = pictures[i];
            if (set.HasDrbd)
            {
                xml.Append(indent).Append(CultureInfo.InvariantCulture,
                    $"  <clone id=\"{set.Clone}-clone\" multi_state=\"true\" unique=\"false\" managed=\"{Bool(!pair.MaintenanceMode)}\" disabled=\"false\" failed=\"false\" failure_ignored=\"false\">\n");
                // The promoted instance is printed first, as crm_mon sorts them.
                var swap = picture.Second == ResourceRole.Promoted && picture.First != ResourceRole.Promoted && picture.First == ResourceRole.Stopped;
                Resource(xml, indent + "    ", pair, set.Clone, "ocf:linbit:drbd", swap ? picture.Second : picture.First, swap ? pair.Second : pair.First);
                Resource(xml, indent + "    ", pair, set.Clone, "ocf:linbit:drbd", swap ? picture.First : picture.Second, swap ? pair.First : pair.Second);
                xml.Append(indent).Append("  </clone>\n");
            }
            var deep = indent + (set.Group.Length > 0 ? "    " : "  ");
            if (set.Group.Length > 0)
            {
                xml.Append(indent).Append(CultureInfo.InvariantCulture,
                    $"  <group id=\"{set.Group}\" number_resources=\"{set.Resources.Count}\" managed=\"{Bool(!pair.MaintenanceMode)}\" disabled=\"false\">\n");
            }
            for (var r = 0; r < set.Resources.Count; r++)
            {
                var where = picture.FirstStarted > r ? pair.First : picture.SecondStarted > r ? pair.Second : "";
                Resource(xml, deep, pair, set.Resources[r].Id, set.Resources[r].Agent, where.Length > 0 ? ResourceRole.Started : ResourceRole.Stopped, where);
            }
            if (set.Group.Length > 0)
                xml.Append(indent).Append("  </group>\n");
        }
        xml.Append(indent).Append("</resources>\n");
    }

    private void Resource(StringBuilder xml, string indent, PairTruth pair, string id, string agent, ResourceRole role, string machine)
    {
        var active = role != ResourceRole.Stopped;
        var failed = false;
        foreach (var failure in pair.Failures)
            failed |= active && failure.Resource == id && failure.Machine == machine;
        xml.Append(indent).Append(CultureInfo.InvariantCulture,
            $"<resource id=\"{id}\" resource_agent=\"{agent}\" role=\"{role}\" active=\"{Bool(active)}\" orphaned=\"false\" blocked=\"false\" managed=\"{Bool(!pair.MaintenanceMode)}\" failed=\"{Bool(failed)}\" failure_ignored=\"false\" nodes_running_on=\"{(active ? 1 : 0)}\"");
        if (!active)
        {
            xml.Append("/>\n");
            return;
        }
        var node = world.Truth.Machine(machine);
        xml.Append(">\n").Append(indent).Append(CultureInfo.InvariantCulture, $"  <node name=\"{node.NodeName}\" id=\"{Id(pair, node)}\" cached=\"true\"/>\n");
        xml.Append(indent).Append("</resource>\n");
    }

    private void Attributes(StringBuilder xml, PairTruth pair, MachineTruth looker)
    {
        xml.Append("  <node_attributes>\n");
        foreach (var name in (ReadOnlySpan<string>)[pair.First, pair.Second])
        {
            var machine = world.Truth.Machine(name);
            if (!Sees(pair, looker, machine) || !pair.Sets.Exists(s => s.On(pair, name).Score is not null))
                continue;
            xml.Append(CultureInfo.InvariantCulture, $"    <node name=\"{machine.NodeName}\">\n");
            foreach (var set in pair.Sets)
            {
                if (set.On(pair, name).Score is { } score)
                    xml.Append(CultureInfo.InvariantCulture, $"      <attribute name=\"master-{set.Clone}\" value=\"{score}\"/>\n");
            }
            xml.Append("    </node>\n");
        }
        xml.Append("  </node_attributes>\n");
    }

    private void History(StringBuilder xml, PairTruth pair)
    {
        xml.Append("  <node_history>\n");
        foreach (var name in (ReadOnlySpan<string>)[pair.First, pair.Second])
        {
            var failures = pair.Failures.Where(f => f.Machine == name).GroupBy(f => f.Resource).ToArray();
            if (failures.Length == 0)
                continue;
            xml.Append(CultureInfo.InvariantCulture, $"    <node name=\"{world.Truth.Machine(name).NodeName}\">\n");
            foreach (var group in failures)
            {
                var last = group.Last();
                xml.Append(CultureInfo.InvariantCulture,
                    $"      <resource_history id=\"{group.Key}\" orphan=\"false\" migration-threshold=\"1000000\" fail-count=\"{group.Count()}\" last-failure=\"{Old(world.Start + last.At)}\">\n");
                xml.Append(CultureInfo.InvariantCulture,
                    $"        <operation_history call=\"40\" task=\"{last.Operation}\" rc=\"{last.Code}\" rc_text=\"error\" last-rc-change=\"{Old(world.Start + last.At)}\" exec-time=\"857ms\" queue-time=\"0ms\"/>\n      </resource_history>\n");
            }
            xml.Append("    </node>\n");
        }
        xml.Append("  </node_history>\n");
    }

    private void Failures(StringBuilder xml, PairTruth pair)
    {
        if (pair.Failures.Count == 0)
            return;
        xml.Append("  <failures>\n");
        foreach (var f in pair.Failures)
        {
            xml.Append(CultureInfo.InvariantCulture,
                $"    <failure op_key=\"{f.Resource}_{f.Operation}_0\" node=\"{world.Truth.Machine(f.Machine).NodeName}\" exitstatus=\"error\" exitreason=\"{f.Reason}\" exitcode=\"{f.Code}\" call=\"40\" status=\"complete\" last-rc-change=\"{world.Start + f.At:yyyy-MM-dd HH:mm:ssZ}\" queued=\"0\" exec=\"857\" interval=\"0\" task=\"{f.Operation}\"/>\n");
        }
        xml.Append("  </failures>\n");
    }

    private void Bans(StringBuilder xml, PairTruth pair)
    {
        if (!pair.Bans.Exists(b => !b.Prefers))
            return;
        xml.Append("  <bans>\n");
        foreach (var ban in pair.Bans)
        {
            if (!ban.Prefers)
            {
                xml.Append(CultureInfo.InvariantCulture,
                    $"    <ban id=\"{ban.Id}\" resource=\"{ban.Resource}\" node=\"{world.Truth.Machine(ban.Machine).NodeName}\" weight=\"-1000000\" promoted-only=\"{Bool(ban.PromotedOnly)}\" master_only=\"{Bool(ban.PromotedOnly)}\"/>\n");
            }
        }
        xml.Append("  </bans>\n");
    }

    // ---- the configuration ---------------------------------------------------------------------------------------------

    private string RenderCib(PairTruth pair)
    {
        var xml = new StringBuilder(8192);
        var first = world.Truth.Machine(pair.First);
        var second = world.Truth.Machine(pair.Second);
        xml.Append(CultureInfo.InvariantCulture,
            $"<cib crm_feature_set=\"3.16.1\" validate-with=\"pacemaker-3.9\" epoch=\"{pair.Epoch}\" num_updates=\"{pair.Version}\" admin_epoch=\"0\" cib-last-written=\"{Old(world.Start + pair.ChangedAt)}\" update-origin=\"{first.NodeName}\" update-client=\"cibadmin\" update-user=\"root\" have-quorum=\"1\" dc-uuid=\"1\">\n  <configuration>\n");
        xml.Append(CultureInfo.InvariantCulture, $"""
                <crm_config>
                  <cluster_property_set id="cib-bootstrap-options">
                    <nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="false"/>
                    <nvpair id="cib-bootstrap-options-no-quorum-policy" name="no-quorum-policy" value="{pair.NoQuorumPolicy}"/>
                    <nvpair id="cib-bootstrap-options-have-watchdog" name="have-watchdog" value="false"/>
                    <nvpair id="cib-bootstrap-options-dc-version" name="dc-version" value="2.1.5-a3f44794f94"/>
                    <nvpair id="cib-bootstrap-options-cluster-infrastructure" name="cluster-infrastructure" value="corosync"/>
                    <nvpair id="cib-bootstrap-options-cluster-name" name="cluster-name" value="{pair.Name}"/>

            """);
        if (pair.MaintenanceMode)
            xml.Append("        <nvpair id=\"cib-bootstrap-options-maintenance-mode\" name=\"maintenance-mode\" value=\"true\"/>\n");
        xml.Append("      </cluster_property_set>\n    </crm_config>\n    <nodes>\n");
        CibNode(xml, first, 1);
        CibNode(xml, second, 2);
        xml.Append("    </nodes>\n    <resources>\n");
        foreach (var set in pair.Sets)
            CibResources(xml, set);
        xml.Append("    </resources>\n    <constraints>\n");
        foreach (var set in pair.Sets)
            CibConstraints(xml, pair, set, first);
        if (pair.HasRule)
        {
            xml.Append(CultureInfo.InvariantCulture, $"""
                      <rsc_location id="location-rack" rsc="{pair.Sets[0].Resources[0].Id}">
                        <rule id="location-rack-rule" score="200">
                          <expression id="location-rack-rule-expr" operation="eq" attribute="rack" value="b"/>
                        </rule>
                      </rsc_location>

                """);
        }
        foreach (var ban in pair.Bans)
        {
            xml.Append(CultureInfo.InvariantCulture,
                $"      <rsc_location id=\"{ban.Id}\" rsc=\"{ban.Resource}\" role=\"Started\" node=\"{world.Truth.Machine(ban.Machine).NodeName}\" score=\"{(ban.Prefers ? "INFINITY" : "-INFINITY")}\"/>\n");
        }
        xml.Append("    </constraints>\n    <rsc_defaults>\n      <meta_attributes id=\"rsc_defaults-meta_attributes\">\n");
        xml.Append(CultureInfo.InvariantCulture,
            $"        <nvpair id=\"rsc_defaults-meta_attributes-resource-stickiness\" name=\"resource-stickiness\" value=\"{pair.Stickiness}\"/>\n      </meta_attributes>\n    </rsc_defaults>\n  </configuration>\n  <status>\n");
        CibState(xml, pair, first, 1);
        CibState(xml, pair, second, 2);
        xml.Append("  </status>\n</cib>\n");
        return xml.ToString();
    }

    private static void CibNode(StringBuilder xml, MachineTruth machine, int id)
    {
        xml.Append(CultureInfo.InvariantCulture, $"      <node id=\"{id}\" uname=\"{machine.NodeName}\"");
        if (!machine.Node!.Standby)
        {
            xml.Append("/>\n");
            return;
        }
        xml.Append(CultureInfo.InvariantCulture,
            $">\n        <instance_attributes id=\"nodes-{id}\">\n          <nvpair id=\"nodes-{id}-standby\" name=\"standby\" value=\"on\"/>\n        </instance_attributes>\n      </node>\n");
    }

    private static void CibResources(StringBuilder xml, ResourceSetTruth set)
    {
        if (set.HasDrbd)
        {
            xml.Append(CultureInfo.InvariantCulture, $"""
                      <clone id="{set.Clone}-clone">
                        <primitive id="{set.Clone}" class="ocf" type="drbd" provider="linbit">
                          <instance_attributes id="{set.Clone}-instance_attributes">
                            <nvpair id="{set.Clone}-instance_attributes-drbd_resource" name="drbd_resource" value="{set.DrbdName}"/>
                          </instance_attributes>
                          <operations>
                            <op name="monitor" interval="29s" role="Promoted" id="{set.Clone}-monitor-interval-29s"/>
                            <op name="monitor" interval="31s" role="Unpromoted" id="{set.Clone}-monitor-interval-31s"/>
                          </operations>
                        </primitive>
                        <meta_attributes id="{set.Clone}-clone-meta_attributes">
                          <nvpair id="{set.Clone}-clone-meta_attributes-clone-max" name="clone-max" value="2"/>
                          <nvpair id="{set.Clone}-clone-meta_attributes-notify" name="notify" value="true"/>
                          <nvpair id="{set.Clone}-clone-meta_attributes-promotable" name="promotable" value="true"/>
                          <nvpair id="{set.Clone}-clone-meta_attributes-promoted-max" name="promoted-max" value="1"/>
                        </meta_attributes>
                      </clone>

                """);
        }
        if (set.Group.Length > 0)
            xml.Append(CultureInfo.InvariantCulture, $"      <group id=\"{set.Group}\">\n");
        foreach (var r in set.Resources)
        {
            var parts = r.Agent.Split(':');
            var provider = parts.Length == 3 ? $" provider=\"{parts[1]}\"" : "";
            xml.Append(CultureInfo.InvariantCulture, $"        <primitive id=\"{r.Id}\" class=\"{parts[0]}\" type=\"{parts[^1]}\"{provider}>\n");
            if (r.Agent == "ocf:heartbeat:IPaddr2")
            {
                xml.Append(CultureInfo.InvariantCulture,
                    $"          <instance_attributes id=\"{r.Id}-instance_attributes\">\n            <nvpair id=\"{r.Id}-instance_attributes-ip\" name=\"ip\" value=\"{set.FloatingAddress}\"/>\n          </instance_attributes>\n");
            }
            xml.Append(CultureInfo.InvariantCulture,
                $"          <operations>\n            <op name=\"monitor\" interval=\"20s\" id=\"{r.Id}-monitor-interval-20s\"/>\n          </operations>\n        </primitive>\n");
        }
        if (set.Group.Length > 0)
            xml.Append("      </group>\n");
    }

    private static void CibConstraints(StringBuilder xml, PairTruth pair, ResourceSetTruth set, MachineTruth first)
    {
        if (!set.HasDrbd)
        {
            if (pair.Preference != 0 && set.Resources.Count > 0)
            {
                xml.Append(CultureInfo.InvariantCulture,
                    $"      <rsc_location id=\"location-{set.Resources[0].Id}-{first.NodeName}-{pair.Preference}\" rsc=\"{set.Resources[0].Id}\" node=\"{first.NodeName}\" score=\"{pair.Preference}\"/>\n");
            }
            return;
        }
        xml.Append(CultureInfo.InvariantCulture,
            $"      <rsc_colocation rsc=\"{set.Group}\" with-rsc=\"{set.Clone}-clone\" score=\"INFINITY\" rsc-role=\"Started\" with-rsc-role=\"Promoted\" id=\"colocation-{set.Group}-{set.Clone}-clone-INFINITY\"/>\n");
        if (pair.Preference != 0)
        {
            xml.Append(CultureInfo.InvariantCulture, $"""
                      <rsc_location id="location-{set.Clone}-clone" rsc="{set.Clone}-clone">
                        <rule id="location-{set.Clone}-clone-rule" role="Promoted" score="{pair.Preference}">
                          <expression id="location-{set.Clone}-clone-rule-expr" operation="eq" attribute="#uname" value="{first.NodeName}"/>
                        </rule>
                      </rsc_location>

                """);
        }
        xml.Append(CultureInfo.InvariantCulture,
            $"      <rsc_order first=\"{set.Clone}-clone\" then=\"{set.Group}\" first-action=\"promote\" then-action=\"start\" id=\"order-{set.Clone}-clone-{set.Group}-mandatory\"/>\n");
    }

    private static void CibState(StringBuilder xml, PairTruth pair, MachineTruth machine, int id)
    {
        var online = machine.Node!.Online;
        xml.Append(CultureInfo.InvariantCulture,
            $"    <node_state id=\"{id}\" uname=\"{machine.NodeName}\" in_ccm=\"{Bool(online)}\" crmd=\"{(online ? "online" : "offline")}\" crm-debug-origin=\"do_update_resource\" join=\"{(online ? "member" : "down")}\" expected=\"{(online ? "member" : "down")}\">\n");
        if (online)
        {
            xml.Append(CultureInfo.InvariantCulture, $"      <transient_attributes id=\"{id}\">\n        <instance_attributes id=\"status-{id}\">\n");
            foreach (var set in pair.Sets)
            {
                if (set.On(pair, machine.Name).Score is { } score)
                    xml.Append(CultureInfo.InvariantCulture, $"          <nvpair id=\"status-{id}-master-{set.Clone}\" name=\"master-{set.Clone}\" value=\"{score}\"/>\n");
            }
            xml.Append("        </instance_attributes>\n      </transient_attributes>\n");
        }
        xml.Append("    </node_state>\n");
    }

    // ---- predictions ---------------------------------------------------------------------------------------------------

    /// <summary>What the forecast script prints: three predictions, each from the result of the one before.</summary>
    /// <param name="joins">The node is away and counts as come back.</param>
    public (int Code, string Text, string Error) Forecast(MachineTruth machine, string node, bool joins)
    {
        if (machine.Node is not { Running: true, Online: true })
            return (PacemakerCommands.ForecastNoCib, "", "Could not connect to the CIB: Transport endpoint is not connected");
        var pair = world.Truth.PairOf(machine.Name)!;
        var named = world.Truth.Machine(pair.First).NodeName == node ? world.Truth.Machine(pair.First)
            : world.Truth.Machine(pair.Second).NodeName == node ? world.Truth.Machine(pair.Second)
            : null;
        if (named is null)
            return (PacemakerCommands.ForecastNotSet, "", $"Error: Node '{node}' does not appear to exist in configuration");
        return (0, Kept(machine, $"forecast {node} {joins}", pair, () => RenderForecast(pair, machine, named, joins)), "");
    }

    private string RenderForecast(PairTruth pair, MachineTruth looker, MachineTruth node, bool joins)
    {
        var text = new StringBuilder(16384);
        var pictures = new Picture[pair.Sets.Count];
        for (var i = 0; i < pictures.Length; i++)
            pictures[i] = Live(pair, pair.Sets[i], looker);
        Part(PacemakerCommands.AfterStandbyPart, true, null);
        Part(PacemakerCommands.AfterUnstandbyPart, false, 10);
        Part(PacemakerCommands.AfterSyncPart, false, 10000);
        return text.Append(PacemakerCommands.ForecastMark).Append(PacemakerCommands.LastPart).Append('\n').ToString();

        void Part(string title, bool standby, int? score)
        {
            text.Append(PacemakerCommands.ForecastMark).Append(title).Append('\n');
            text.Append("<pacemaker-result api-version=\"2.25\" request=\"crm_simulate --simulate --output-as=xml\">\n  <cluster_status>\n");
            Nodes(text, "    ", pair, looker, pictures, node.Name, standby, joins);
            Resources(text, "    ", pair, pictures);
            text.Append("  </cluster_status>\n  <actions/>\n  <transition/>\n  <revised_cluster_status>\n");
            if (!pair.MaintenanceMode)
            {
                for (var i = 0; i < pictures.Length; i++)
                    pictures[i] = Predict(pair, pair.Sets[i], looker, pictures[i], node.Name, standby, joins, score);
            }
            Nodes(text, "    ", pair, looker, pictures, node.Name, standby, joins);
            Resources(text, "    ", pair, pictures);
            text.Append("  </revised_cluster_status>\n  <status code=\"0\" message=\"OK\"/>\n</pacemaker-result>\n");
        }
    }

    private Picture Predict(PairTruth pair, ResourceSetTruth set, MachineTruth looker, Picture before, string node, bool standby, bool joins, int? score)
    {
        var first = Side(pair.First, set.First, before.First, before.FirstStarted);
        var second = Side(pair.Second, set.Second, before.Second, before.SecondStarted);
        var holdsFirst = first is not null && (second is null || first >= second);
        var holdsSecond = second is not null && !holdsFirst;
        return new(
            CloneRole(pair.First, holdsFirst), holdsFirst ? set.Resources.Count : 0,
            CloneRole(pair.Second, holdsSecond), holdsSecond ? set.Resources.Count : 0);

        bool MayRun(string name)
        {
            var machine = world.Truth.Machine(name);
            return (Sees(pair, looker, machine) || (joins && name == node)) && !(name == node ? standby : machine.Node!.Standby);
        }
        ResourceRole CloneRole(string name, bool holds) =>
            !set.HasDrbd || !MayRun(name) ? ResourceRole.Stopped : holds ? ResourceRole.Promoted : ResourceRole.Unpromoted;
        long? Side(string name, InstanceTruth here, ResourceRole role, int started)
        {
            if (!MayRun(name))
                return null;
            var promotion = score is null ? here.Score : score == 10 && name != node ? here.Score : score;
            return PacemakerModel.Score(pair, set, name, here.Failed, promotion, started > 0 || role == ResourceRole.Promoted);
        }
    }

    private static int Id(PairTruth pair, MachineTruth machine) => machine.Name == pair.First ? 1 : 2;

    private static string Bool(bool value) => value ? "true" : "false";

    private static string Old(DateTimeOffset time) => time.ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
}
