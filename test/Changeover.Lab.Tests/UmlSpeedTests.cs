using Changeover.Lab.Machines;

namespace Changeover.Lab.Tests;

public sealed class UmlSpeedTests
{
    [Fact]
    public void What_a_subshell_took_is_read_among_the_words_of_the_kernel() => Assert.Equal(
        TimeSpan.FromMilliseconds(29.7), UmlSpeed.Read("Kernel command line: init=/tmp/x/init console=tty0\nVFS: Mounted root\nsubshells 2.21 5.18\nreboot: System halted\n"));

    /// <summary>It is not taken then.</summary>
    [Fact]
    public void A_kernel_that_did_not_get_there_says_nothing() => Assert.Null(UmlSpeed.Read("Kernel panic - not syncing: VFS: Unable to mount root fs\n"));
}
