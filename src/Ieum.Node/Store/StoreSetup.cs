using Ieum.Model;
using Ieum.Node.Store.Config;
using Microsoft.EntityFrameworkCore;

namespace Ieum.Node.Store;

internal static class StoreSetup
{
    public static IServiceCollection AddNodeStore(this IServiceCollection services, string dataFolder)
    {
        Directory.CreateDirectory(dataFolder);
        services.AddDbContextFactory<NodeDb>(o => o.UseSqlite($"Data Source={Path.Combine(dataFolder, "node.db")};Default Timeout=10"));
        services.AddSingleton<DocumentStore>().AddSingleton<PlanStore>().AddSingleton<LoopStore>().AddSingleton<AnomalyStore>();
        services.AddSingleton<ILoopStore>(s => s.GetRequiredService<LoopStore>());
        services.AddSingleton<IShopEventStore, ShopEventStore>();
        services.AddSingleton<IWriteAuditStore, WriteAuditStore>().AddSingleton<IWriteRuleStore, WriteRuleStore>();
        return services;
    }

    /// <summary>Upgrades the schema and, on the first start, fills the database from the configuration file.</summary>
    public static async Task PrepareStoreAsync(this IServiceProvider services, NodeConfig config, CancellationToken cancel)
    {
        await using (var db = await services.GetRequiredService<IDbContextFactory<NodeDb>>().CreateDbContextAsync(cancel))
            NodeSchema.Upgrade(db);
        var documents = services.GetRequiredService<DocumentStore>();
        // On its own, so that a data folder of an earlier version takes the list over too.
        if (!config.Writes.IsEmpty && await documents.FindAsync<WriteRule[]>(DocumentStore.Writes, cancel) is null)
            await documents.SaveAsync(DocumentStore.Writes, config.Writes.ToArray(), "configuration", cancel);
        if (await documents.FindAsync<Company>(DocumentStore.Company, cancel) is not null) return;
        var plans = services.GetRequiredService<PlanStore>();
        foreach (var order in config.Orders) await plans.AddOrderAsync(order, "configuration", cancel);
        await documents.SaveAsync(DocumentStore.Connections, config.Connections.ToArray(), "configuration", cancel);
        // Last, because it marks the first start as done: a crash before this line repeats the seeding.
        await documents.SaveAsync(DocumentStore.Company, config.Company, "configuration", cancel);
    }
}
