using Ieum.Node.Town;
using Ieum.TestKit;

namespace Ieum.House.Tests.Town;

public sealed class TownFolderTests
{
    [Fact]
    public void A_folder_with_foreign_files_is_refused_and_left_as_it_is()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, "town-foreign-" + Guid.NewGuid().ToString("N"))).FullName;
        var letter = Path.Combine(folder, "letter.txt");
        File.WriteAllText(letter, "mine");
        var refusal = Assert.Throws<TownScenarioException>(() => TownFolder.Empty(folder));
        Assert.Equal("town-foreign-folder", refusal.Rule);
        Assert.Equal("mine", File.ReadAllText(letter));
    }

    [Fact]
    public void A_towns_own_folder_is_emptied()
    {
        var folder = Path.Combine(Needs.Scratch, "town-own-" + Guid.NewGuid().ToString("N"));
        using (TownFolder.Empty(folder))
        {
            File.WriteAllText(Path.Combine(folder, "node.log"), "yesterday");
            Assert.Equal("town-folder-in-use", Assert.Throws<TownScenarioException>(() => TownFolder.Empty(folder)).Rule);
        }
        using var again = TownFolder.Empty(folder);
        Assert.False(File.Exists(Path.Combine(folder, "node.log")));
    }
}
