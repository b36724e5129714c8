namespace Ieum.Analyze;

/// <summary>Linear regression with a small penalty: the plain baseline every better model has to beat.</summary>
internal sealed class RidgeModel
{
    private readonly double[] _mean, _scale, _weights;
    private readonly double _middle;

    public RidgeModel(IReadOnlyList<float[]> features, IReadOnlyList<float> truth, double penalty = 1)
    {
        var (rows, width) = (features.Count, features[0].Length);
        (_mean, _scale) = (new double[width], new double[width]);
        for (var j = 0; j < width; j++)
        {
            var column = j;
            _mean[j] = features.Average(f => (double)f[column]);
            _scale[j] = Math.Sqrt(features.Average(f => (f[column] - _mean[column]) * (f[column] - _mean[column])));
            if (_scale[j] < 1e-9) _scale[j] = 1;
        }
        _middle = truth.Average();
        var (a, b, x) = (new double[width][], new double[width], new double[width]);
        for (var i = 0; i < width; i++)
        {
            a[i] = new double[width];
            a[i][i] = penalty;
        }
        for (var r = 0; r < rows; r++)
        {
            for (var j = 0; j < width; j++) x[j] = (features[r][j] - _mean[j]) / _scale[j];
            for (var i = 0; i < width; i++)
            {
                b[i] += x[i] * (truth[r] - _middle);
                for (var j = 0; j <= i; j++) a[i][j] += x[i] * x[j];
            }
        }
        _weights = Solve(a, b);
    }

    public double Predict(float[] features)
    {
        var sum = _middle;
        for (var j = 0; j < _weights.Length; j++) sum += _weights[j] * (features[j] - _mean[j]) / _scale[j];
        return sum;
    }

    /// <summary>Cholesky on the lower triangle; the penalty keeps it positive definite.</summary>
    private static double[] Solve(double[][] a, double[] b)
    {
        var n = b.Length;
        for (var i = 0; i < n; i++)
            for (var j = 0; j <= i; j++)
            {
                var sum = a[i][j];
                for (var k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
                a[i][j] = i == j ? Math.Sqrt(sum) : sum / a[j][j];
            }
        var x = new double[n];
        for (var i = 0; i < n; i++)
        {
            x[i] = b[i];
            for (var k = 0; k < i; k++) x[i] -= a[i][k] * x[k];
            x[i] /= a[i][i];
        }
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= a[k][i] * x[k];
            x[i] /= a[i][i];
        }
        return x;
    }
}
