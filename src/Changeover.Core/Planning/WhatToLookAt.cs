using Changeover.Inventory;
using Changeover.Knowledge;
using Changeover.Knowledge.Conditions;

namespace Changeover.Planning;

/// <summary>Every subject that a picture of the whole cluster consists of (X1: every subsystem observed).</summary>
public static class WhatToLookAt
{
    public static ImmutableArray<Subject> Everything(ClusterInventory inventory) =>
    [
        .. AsFoundPicture.Subjects(inventory)
            .Concat(inventory.Machines.Select(m => new Subject(SubjectKind.Machine, m.Name)))
            .Distinct().Order(),
    ];
}
