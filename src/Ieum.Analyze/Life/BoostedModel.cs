using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Ieum.Analyze;

/// <summary>Gradient-boosted regression trees; one thread and fixed seeds, so that the same rows give the same trees.</summary>
internal sealed class BoostedModel
{
    private readonly MLContext _context = new(seed: 20261123);
    private readonly ITransformer[] _trees;
    private readonly SchemaDefinition _schema;

    /// <param name="seeds">How many sets of trees are averaged.</param>
    public BoostedModel(IReadOnlyList<float[]> features, IReadOnlyList<float> truth, int seeds, int trees)
    {
        _schema = SchemaDefinition.Create(typeof(Row));
        _schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features[0].Length);
        var data = View(features.Zip(truth, (f, t) => new Row { Features = f, Label = t }));
        _trees = [.. Enumerable.Range(1, seeds).Select(seed => _context.Regression.Trainers.FastTree(new FastTreeRegressionTrainer.Options
        {
            NumberOfThreads = 1,
            Seed = seed,
            FeatureSelectionSeed = seed,
            NumberOfTrees = trees,
            NumberOfLeaves = 12,
            MinimumExampleCountPerLeaf = 20,
            LearningRate = 0.05,
            FeatureFraction = 0.3,
            BaggingSize = 1,
            BaggingExampleFraction = 0.7,
            MaximumBinCountPerFeature = 64,
        }).Fit(data))];
    }

    public double[] Predict(IReadOnlyList<float[]> features)
    {
        var data = View(features.Select(f => new Row { Features = f }));
        var sums = new double[features.Count];
        foreach (var set in _trees)
        {
            var i = 0;
            foreach (var score in set.Transform(data).GetColumn<float>("Score")) sums[i++] += score;
        }
        for (var i = 0; i < sums.Length; i++) sums[i] /= _trees.Length;
        return sums;
    }

    private IDataView View(IEnumerable<Row> rows) => _context.Data.LoadFromEnumerable(rows.ToArray(), _schema);

    private sealed class Row
    {
        public float[] Features { get; set; } = [];
        public float Label { get; set; }
    }
}
